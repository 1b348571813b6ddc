#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the stored runs of this folder with one program, and writes down what that program tells of them (expected.json).
#   DWB=/path/to/dwb LIVE_RUNS=/path/to/live_runs make.sh NEW_FOLDER
# LIVE_RUNS: cmake --build build/release --target live_runs, of the same sources as DWB. Needs python3, no packages.
# The set that is stored was made by the program before the rooms were moved. It is kept, not made anew: see README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${DWB:?the program, /path/to/dwb}" "${LIVE_RUNS:?the helper, /path/to/live_runs}"
out=${1:?a new folder}
root=/tmp/dwb-stored-runs  # stands in the runs; whoever uses them elsewhere writes another path over it
if [[ -e $out || -e $root ]]; then
  echo "make.sh: $out or $root is there already" >&2
  exit 2
fi
mkdir -p "$root"
cd "$root"
python3 "$here/data.py" .

# train NAME OPTION...; FIELD=VALUE is short for --set FIELD=VALUE
train() {
  local name=$1 option options=()
  shift
  for option in "$@"; do
    if [[ $option =~ ^[a-z_.0-9]+= ]]; then options+=(--set "$option"); else options+=("$option"); fi
  done
  "$DWB" train --run "$root/$name" --threads 1 --quiet "${options[@]}"
}
small=(model.dim=4 model.heads=1 model.dim_head=4 model.mlp_dim=4 sample.previews=false checkpoint.every_minutes=0 checkpoint.keep=1)
latents=(--data "$root/latents.safetensors")
many=(--data "$root/many.npy")

train finished --recipe seed "${latents[@]}" --steps 20 "${small[@]}"
train linspace-demo --recipe seed --data demo --steps 12 "${small[@]}" schedule.kind=seed_linspace train.seed=3
train branched --branch "$root/finished/checkpoints/step-0000020" --steps 36 optim.lr=0.001 optim.lr_schedule=cosine schedule.kind=scaled_linear
"$DWB" runs export finished weights.safetensors --folder "$root" >/dev/null
train from-weights --recipe seed-b32 --weights "$root/weights.safetensors" "${latents[@]}" --steps 10 "${small[@]:4}" train.batch=4
train resumed --recipe seed-b32 "${latents[@]}" --steps 8 "${small[@]}" train.batch=4 schedule.kind=seed_formula_t1 optim.lr_schedule=linear
"$DWB" train --resume "$root/resumed" --steps 20 --quiet
train classes-adamw --recipe seed "${latents[@]}" --steps 16 "${small[@]}" model.class_cond=3 diffusion.label_dropout=0.3 \
  optim.kind=adamw optim.weight_decay=0.05 optim.clip_norm=0.5 optim.lr=0.002 optim.lr_schedule=cosine optim.warmup=4 ema.decay=0.9 train.accumulation=3 \
  data.order=epoch data.flip=true data.standardize=true diffusion.loss_weight=min_snr train.seed=7
train v-squaredcos --recipe seed-b32 "${latents[@]}" --steps 14 "${small[@]}" train.batch=8 diffusion.target=v schedule.kind=squaredcos_cap_v2 \
  optim.lr_schedule=polynomial optim.lr=0.003 model.tread.dropout_ratio=0.5 model.depth=2 model.use_dyt=true
train flow-sgd --recipe seed "${latents[@]}" --steps 14 "${small[@]}" diffusion.target=flow schedule.kind=flow schedule.shift=3 diffusion.timesteps=logit_normal \
  optim.kind=sgd optim.lr=0.01 data.scale=0.5
train importance-held-out --recipe quick "${many[@]}" --steps 24 "${small[@]}" train.batch=16 diffusion.target=x0 diffusion.timesteps=importance \
  optim.lr_schedule=one_cycle optim.warmup=0 validation.every=10 validation.samples=5
train bfloat16 --recipe seed "${latents[@]}" --steps 8 "${small[@]}" train.precision=bfloat16
train sampled --recipe quick-x0 "${latents[@]}" --steps 8 "${small[@]}" train.batch=4 sample.every=4 sample.count=1 sample.steps=2 sample.previews=true optim.warmup=2
train before --recipe tiny "${latents[@]}" --steps 6 "${small[@]}" train.batch=2 schedule.kind=custom optim.warmup=0
"$DWB" runs note before --folder "$root" --text $'A note, with two lines\nand an umlaut: ä' --archive >/dev/null
"$DWB" runs rename before "noted-and-renamed" --folder "$root" >/dev/null

# The fourth sample cannot be learned from: the run fails there.
train failed --recipe seed --data "$root/bad.npy" --steps 12 "${small[@]}" data.axes=BCHW data.order=epoch diffusion.target=x0 train.seed=2 && exit 1

# Ctrl-C half-way.
recordsOf() { echo $((($(stat -c %s "$1/metrics.bin" 2>/dev/null || echo 16) - 16) / 240)); }
train stopped --recipe seed-b32 "${latents[@]}" --steps 40 "${small[@]}" train.accumulation=16 schedule.kind=seed_formula_t1 ema.decay=0.9 &
until (($(recordsOf stopped) >= 9)); do sleep 0.005; done
kill -INT "$(cut -d ' ' -f 1 stopped/.lock)"
wait $! && exit 1

# Killed while it writes a checkpoint; then as a power cut leaves it, with half a record and half a line at the end.
while :; do
  rm -rf killed
  train killed --recipe seed "${latents[@]}" --steps 40 "${small[@]}" checkpoint.every=1 checkpoint.keep=2 optim.kind=adamw schedule.kind=seed_formula_t0 &
  until (($(recordsOf killed) >= 9)); do sleep 0.005; done
  kill -KILL "$(cut -d ' ' -f 1 killed/.lock)"
  wait $! || true
  if compgen -G 'killed/checkpoints/.writing-*/*' && compgen -G 'killed/checkpoints/step-*'; then break; fi >/dev/null
done
truncate -s -100 killed/metrics.bin
truncate -s -10 killed/log.jsonl

"$LIVE_RUNS" commanded "$root/commanded" "$root/latents.safetensors"
"$LIVE_RUNS" trouble "$root/trouble" "$root/latents.safetensors"
"$DWB" train --replay "$root/commanded" --run "$root/replayed" --quiet

rm -f ./*/metrics.h5  # the program makes it again from metrics.bin
cd "$here"
cp -a "$root" "$out"
rm -rf "$root"
python3 "$here/expect.py" "$DWB" "$out"

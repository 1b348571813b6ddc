#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds, opens Diffusion Workbench.
#   packaging/run.sh [--cuda] [FILE]      FILE: latents or a run folder; without it the demo data
# --cuda fetches a LibTorch with the CUDA libraries (several GB), for a machine with an NVIDIA GPU.
# Without a display the same job runs in the terminal and ends by naming the run folder.
set -euo pipefail
# shellcheck source=packaging/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

setup_options=()
data=demo
for argument in "$@"; do
  case $argument in
    --cuda) setup_options=(--cuda) ;;
    -h | --help)
      sed -n '3,6s/^# //p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    -*) die "run.sh knows --cuda and FILE, not $argument" ;;
    *)
      [[ -e $argument ]] || die "There is no file or folder $argument. Check the name."
      data=$(realpath "$argument")
      ;;
  esac
done

# The newest run folder that is younger than the file $1.
newest_run() {
  find "$DWB_RUNS" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -newer "$1" -printf '%T@ %p\n' 2>/dev/null |
    sort -n | tail -n 1 | cut -d ' ' -f 2-
}

train_without_display() {
  local rc=0 began folder job=(--data "$data" --recipe quick)
  if [[ -f $data/recipe.json ]]; then job=(--resume "$data"); fi  # a run folder goes on
  export DWB_RUNS=${DWB_RUNS:-${XDG_DATA_HOME:-$HOME/.local/share}/diffusion-workbench/runs}
  say "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set): training here instead; Ctrl-C saves and ends"
  began=$(mktemp)
  "$DWB_ROOT/build/release/bin/dwb" train "${job[@]}" || rc=$?
  folder=$(newest_run "$began")
  rm -f "$began"
  if [[ -z $folder && ${job[0]} == --resume ]]; then folder=$data; fi
  if [[ -n $folder ]]; then say "the run is in $folder"; fi
  exit $rc
}

set_up "${setup_options[@]}"
phase "configuring" configure release
if [[ -z ${DISPLAY:-} && -z ${WAYLAND_DISPLAY:-} ]]; then
  phase "building" build release dwb
  train_without_display
fi
phase "building" build release diffusion-workbench dwb
say "opening the workbench"
exec "$DWB_ROOT/build/release/bin/diffusion-workbench" "$data"

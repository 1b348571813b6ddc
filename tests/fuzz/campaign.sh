#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs fuzz targets, two at a time, and says what came of it.
#   campaign.sh OUT SECONDS [TARGET...]       default: every target
# Programs: build/fuzz/tests (cmake --preset fuzz; cmake --build --preset fuzz), or $FUZZERS. Each target begins with its
# corpus here and what OUT/TARGET holds, writes new inputs into OUT/TARGET, its log beside it, and findings into OUT/found.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$1 seconds=$2
shift 2
if (($# == 0)); then set -- pt pickle npy safetensors idx gzip png jpeg recipe metrics; fi
fuzzers=${FUZZERS:-$here/../../build/fuzz/tests}
mkdir -p "$out/found"
# A request for 256 MB, or 1 GB in all, by an input of at most 64 KB is a finding, and so is one that takes 20 seconds.
limits=(-max_len=65536 -malloc_limit_mb=256 -rss_limit_mb=1024 -timeout=20)
export TMPDIR=${TMPDIR:-/dev/shm} ASAN_OPTIONS=quarantine_size_mb=32:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

fuzz() {
  local target=$1 folders=("$out/$1") options=()
  mkdir -p "$out/$target"
  if [[ -d $here/corpus/$target ]]; then folders+=("$here/corpus/$target"); fi
  if [[ -f $here/dictionaries/$target ]]; then options+=("-dict=$here/dictionaries/$target"); fi
  nice -n 19 "$fuzzers/fuzz_$target" "${limits[@]}" "${options[@]}" -max_total_time="$seconds" -print_final_stats=1 \
    -artifact_prefix="$out/found/$target-" "${folders[@]}" >"$out/$target.log" 2>&1 || echo "$target: ended by a finding"
  grep -E '^stat::number_of_executed_units|^stat::peak_rss|SUMMARY|FINDING' "$out/$target.log" | sed "s/^/$target: /"
}

for target in "$@"; do
  while (($(jobs -rp | wc -l) >= 2)); do wait -n || true; done
  fuzz "$target" &
done
wait

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Second net below the linker for the rules of core/README.md: who includes whom, licence lines, file sizes.
#   structure_test.sh SOURCE_FOLDER
# Prints every violation as FILE:LINE: rule; ends with 1 if there was one.
set -euo pipefail
cd "$1"
violations=0

report() {
  local rule=$1 place
  while IFS= read -r place; do
    if [[ -z $place ]]; then continue; fi
    echo "$place: $rule"
    violations=$((violations + 1))
  done
}

# Sources under the given folders that exist.
sources() {
  local folder existing=()
  for folder in "$@"; do
    if [[ -d $folder ]]; then existing+=("$folder"); fi
  done
  if ((${#existing[@]} == 0)); then return; fi
  find "${existing[@]}" -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.cmake' -o -name CMakeLists.txt -o -name '*.sh' \
    -o -name '*.py' \) -print
}

# forbid RULE REGEX FOLDER...: no source there may include what fits the expression (it begins after < or ").
forbid() {
  local rule=$1 regex=$2 files
  shift 2
  mapfile -t files < <(sources "$@" | grep -E '\.(h|cpp)$' || true)
  if ((${#files[@]} == 0)); then return; fi
  report "$rule" < <(grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($regex)" "${files[@]}" | cut -d : -f 1,2)
}

qt='Q[A-Za-z0-9]+[>"/]|q[a-z0-9]+\.h[>"]'
torch='(torch|ATen|c10|caffe2)/'
# checkpoint's store knows folders only; its tensor_file is the part with tensors.
tensor_rooms='(diffusion|model|training)/|checkpoint/tensor_file'
posix='(unistd|fcntl|dlfcn|poll|pthread|sched|termios|pwd|spawn)\.h>|sys/'

forbid "core has no Qt" "$qt" core
forbid "core knows nothing above it" '(session|plots|forms|cards|theme|panels|run_bar|main_window|cli)/' core
forbid "this room has no torch" "$torch|$tensor_rooms" core/base core/config core/schedule core/formats core/data
forbid "diffusion does not know model" 'model/' core/diffusion
forbid "model does not know diffusion" 'diffusion/' core/model
forbid "ui has no torch and no tensor room" "$torch|$tensor_rooms" ui
forbid "system calls live in core/base" "$posix" app ui
mapfile -t rooms < <(find core -mindepth 1 -maxdepth 1 -type d ! -name base)
forbid "system calls live in core/base" "$posix" "${rooms[@]}"

# What run and inference show to ui has plain buffers only.
mapfile -t run_headers < <(sources core/run core/inference | grep -E '\.h$' || true)
if ((${#run_headers[@]} > 0)); then
  report "headers of run and inference have no torch and no tensor room" < <(
    grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($torch|$tensor_rooms)" "${run_headers[@]}" | cut -d : -f 1,2)
fi

# Panels meet in the session.
if [[ -d ui/panels ]]; then
  for panel in ui/panels/*/; do
    name=$(basename "$panel")
    report "a panel does not include another" < <(
      grep -rnHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"panels/' "$panel" | grep -v "\"panels/$name/" | cut -d : -f 1,2)
  done
fi

mapfile -t everything < <(sources app core ui tests packaging && echo CMakeLists.txt)
for file in "${everything[@]}"; do
  head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || report "no SPDX line at the top" <<<"$file:1"
  lines=$(wc -l <"$file")
  if ((lines > 500)); then report "longer than 500 lines" <<<"$file:$lines"; fi
done
# Written in pieces so that this file passes its own test.
unfinished='\b(TO''DO|FIX''ME|XX''X)\b'
report "unfinished work belongs into an issue" < <(grep -nHE "$unfinished" "${everything[@]}" | cut -d : -f 1,2)

echo "${#everything[@]} files looked at, $violations violations"
((violations == 0))

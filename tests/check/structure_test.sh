#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Second net below the linker for the rules of core/README.md: who includes whom, namespaces, tests beside every room, licence
# lines, file sizes. Rooms are the folders that are there; which of them use LibTorch, their CMakeLists.txt say.
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

# Names of the folders in a folder, one a line.
folders_in() { if [[ -d $1 ]]; then find "$1" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort; fi; }

# including REGEX FILE...: FILE:LINE of each #include that fits the expression (it begins after < or ").
including() {
  local regex=$1
  shift
  if (($# > 0)); then grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($regex)" "$@" | cut -d : -f 1,2; fi
}

# forbid RULE REGEX FOLDER...: no source there may include what fits the expression. forbid_headers: no header.
forbid() {
  local rule=$1 regex=$2 files
  shift 2
  mapfile -t files < <(sources "$@" | grep -E '\.(h|cpp)$' || true)
  report "$rule" < <(including "$regex" "${files[@]}")
}
forbid_headers() {
  local rule=$1 regex=$2 files
  shift 2
  mapfile -t files < <(sources "$@" | grep -E '\.h$' || true)
  report "$rule" < <(including "$regex" "${files[@]}")
}

mapfile -t rooms < <(folders_in core)

# ---- Who includes whom ----

qt='Q[A-Za-z0-9]+[>"/]|q[a-z0-9]+\.h[>"]'
torch='(torch|ATen|c10|caffe2)/'
posix='(unistd|fcntl|dlfcn|poll|pthread|sched|termios|pwd|spawn)\.h>|sys/'

# Headers of the core that show tensors: they include LibTorch, or one that does.
tensor_headers() {
  local known=0 regex=$torch headers found
  mapfile -t headers < <(sources core | grep -E '\.h$' || true)
  if ((${#headers[@]} == 0)); then return; fi
  while true; do
    mapfile -t found < <(including "$regex" "${headers[@]}" | cut -d : -f 1 | sort -u)
    if ((${#found[@]} == known)); then break; fi
    known=${#found[@]}
    regex="$torch|($(printf '%s\n' "${found[@]#core/}" | paste -s -d '|'))\""
  done
  printf '%s\n' "${found[@]#core/}"
}
mapfile -t tensors < <(tensor_headers)
tensor_regex=$torch
if ((${#tensors[@]} > 0)) && [[ -n ${tensors[0]} ]]; then
  tensor_regex="$torch|($(printf '%s\n' "${tensors[@]}" | paste -s -d '|'))\""
fi

# uses WORD ROOM: whether its CMakeLists.txt has this word, TORCH or TORCH_INSIDE.
uses() { grep -qwsE "$1" "core/$2/CMakeLists.txt"; }
for room in "${rooms[@]}"; do
  if uses TORCH "$room"; then continue; fi
  if uses TORCH_INSIDE "$room"; then
    forbid_headers "headers of this room have no torch and no tensor" "$tensor_regex" "core/$room"
  else
    forbid "this room has no torch" "$tensor_regex" "core/$room"
  fi
done

# Folders of ui and app by whose names their headers are included, but for names that a room has too.
above=$({ folders_in ui; folders_in app; } | grep -vxF -f <(printf '%s\n' "${rooms[@]}") | paste -s -d '|' || true)
forbid "core has no Qt" "$qt" core
if [[ -n $above ]]; then forbid "core knows nothing above it" "($above)/" core; fi
forbid "diffusion does not know model" 'model/' core/diffusion
forbid "model does not know diffusion" 'diffusion/' core/model
forbid "ui has no torch and no tensor" "$tensor_regex" ui
forbid "system calls live in core/base" "$posix" app ui
for room in "${rooms[@]}"; do
  if [[ $room != base ]]; then forbid "system calls live in core/base" "$posix" "core/$room"; fi
done

# Panels meet in the session.
for panel in $(folders_in ui/panels); do
  report "a panel does not include another" < <(
    grep -rnHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"panels/' "ui/panels/$panel" | grep -v "\"panels/$panel/" | cut -d : -f 1,2)
done

# ---- One folder, one namespace, one row, one folder of tests ----

# outside_namespace NAME FILE...: FILE:1 of those that open neither this namespace nor one inside it.
outside_namespace() {
  local name=$1
  shift
  grep -LE "^(inline )?namespace $name(::[A-Za-z0-9_:]+)? \{" "$@" | sed 's/$/:1/'
}

for room in "${rooms[@]}"; do
  # A program's main.cpp has its own names only; files with macros alone have none.
  mapfile -t files < <(sources "core/$room" | grep -E '\.(h|cpp)$' | grep -v '/main\.cpp$' || true)
  if ((${#files[@]} == 0)); then continue; fi
  if [[ $room == base ]]; then namespace=dw; else namespace=dw::$room; fi
  report "its room's namespace is $namespace" < <(outside_namespace "$namespace" "${files[@]}" || true)
  if ! grep -qsE "^\| *\`$room\`" core/README.md; then report "no row in the table of core/README.md" <<<"core/$room:1"; fi
  if ! compgen -G "tests/core/$room/tst_*.cpp" >/dev/null; then report "no tests/core/$room/tst_*.cpp" <<<"core/$room:1"; fi
done

# tst_<file>.cpp tests core/<room>/**/<file>.{h,cpp}. One whose subject is what several files do together says so in one of
# its first lines: `// Covers: file, other_file` (of any room, without ending).
for test in $(compgen -G 'tests/core/*/tst_*.cpp'); do
  room=$(basename "$(dirname "$test")")
  subject=$(basename "$test" .cpp)
  subject=${subject#tst_}
  if [[ ! -d core/$room ]]; then
    report "there is no room core/$room" <<<"$test:1"
    continue
  fi
  if [[ -n $(find "core/$room" \( -name "$subject.h" -o -name "$subject.cpp" \) -print -quit) ]]; then continue; fi
  covers=$(head -n 6 "$test" | sed -nE 's|^// Covers: ([a-z0-9_, ]+)\.?$|\1|p')
  if [[ -z $covers ]]; then
    report "tests no file of core/$room named $subject; name what it tests in a line '// Covers: file, other_file'" <<<"$test:1"
  fi
  for name in ${covers//,/ }; do
    if [[ -n $(find core \( -name "$name.h" -o -name "$name.cpp" \) -print -quit) ]]; then continue; fi
    report "covers $name, which no room has" <<<"$test:1"
  done
done

# ---- Licence lines, sizes, unfinished work ----

mapfile -t everything < <(sources app core ui tests packaging && echo CMakeLists.txt)
# One line for each file: name, lines, whether a licence line stands at its top.
measure() {
  awk 'function flush() { if (name != "") print name, lines, licensed }
       FNR == 1 { flush(); name = FILENAME; licensed = 0 }
       FNR <= 2 && /SPDX-License-Identifier: GPL-3.0-or-later/ { licensed = 1 }
       { lines = FNR }
       END { flush() }' "$@"
}
while read -r file lines licensed; do
  if ((licensed == 0)); then report "no SPDX line at the top" <<<"$file:1"; fi
  if ((lines > 500)); then report "longer than 500 lines" <<<"$file:$lines"; fi
done < <(printf '%s\0' "${everything[@]}" | xargs -0 bash -c "$(declare -f measure); measure \"\$@\"" _)
# Written in pieces so that this file passes its own test.
unfinished='\b(TO''DO|FIX''ME|XX''X)\b'
report "unfinished work belongs into an issue" < <(grep -nHE "$unfinished" "${everything[@]}" | cut -d : -f 1,2)

echo "${#everything[@]} files looked at, $violations violations"
((violations == 0))

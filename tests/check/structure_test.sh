#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Second net below the linker for the rules of core/README.md: who includes whom, namespaces, tests beside every room, licence
# lines, file sizes. A room is a folder of core whose CMakeLists.txt calls dw_room, also one inside another room; what is below
# it belongs to it, but for rooms and programs in there. Which rooms use LibTorch, these CMakeLists.txt say.
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

# files_of ROOM: sources of core/ROOM, without those of folders in it that have a CMakeLists.txt of their own.
files_of() {
  local nested=() list
  while IFS= read -r list; do nested+=(! -path "$(dirname "$list")/*"); done < <(find "core/$1" -mindepth 2 -name CMakeLists.txt)
  find "core/$1" -type f \( -name '*.h' -o -name '*.cpp' \) "${nested[@]}"
}

# including REGEX FILE...: FILE:LINE of each #include that fits the expression (it begins after < or ").
including() {
  local regex=$1
  shift
  if (($# > 0)); then grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($regex)" "$@" | cut -d : -f 1,2; fi
}

# forbid RULE REGEX FOLDER...: no source there may include what fits the expression.
forbid() {
  local rule=$1 regex=$2 files
  shift 2
  mapfile -t files < <(sources "$@" | grep -E '\.(h|cpp)$' || true)
  report "$rule" < <(including "$regex" "${files[@]}")
}

mapfile -t rooms < <(if [[ -d core ]]; then grep -rlE '^ *dw_room\(' core --include=CMakeLists.txt | sed 's|^core/||; s|/CMakeLists.txt$||' | sort; fi)

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
uses() { grep -qwE "$1" "core/$2/CMakeLists.txt"; }
for room in "${rooms[@]}"; do
  if uses TORCH "$room"; then continue; fi
  if uses TORCH_INSIDE "$room"; then
    mapfile -t files < <(files_of "$room" | grep -E '\.h$' || true)
    report "headers of this room have no torch and no tensor" < <(including "$tensor_regex" "${files[@]}")
  else
    mapfile -t files < <(files_of "$room")
    report "this room has no torch" < <(including "$tensor_regex" "${files[@]}")
  fi
done

# Folders of ui and app by whose names their headers are included, but for names that a room has too.
above=$({ folders_in ui; folders_in app; } | grep -vxF -f <(folders_in core) | paste -s -d '|' || true)
forbid "core has no Qt" "$qt" core
if [[ -n $above ]]; then forbid "core knows nothing above it" "($above)/" core; fi
forbid "diffusion does not know model" 'model/' core/diffusion
forbid "model does not know diffusion" 'diffusion/' core/model
forbid "ui has no torch and no tensor" "$tensor_regex" ui
forbid "system calls live in core/base" "$posix" app ui
for room in $(folders_in core); do
  if [[ $room != base ]]; then forbid "system calls live in core/base" "$posix" "core/$room"; fi
done

# Panels meet in the session.
for panel in $(folders_in ui/panels); do
  report "a panel does not include another" < <(
    grep -rnHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"panels/' "ui/panels/$panel" | grep -v "\"panels/$panel/" | cut -d : -f 1,2)
done

# ---- One folder, one namespace, one row, one folder of tests ----

# outside_namespace NAME INNER FILE...: FILE:1 of those that open neither this namespace nor one inside it; one whose next
# part is INNER, the rooms in this room, is not its own.
outside_namespace() {
  local name=$1 inner=$2
  shift 2
  awk -v name="$name" -v inner="$inner" '
    function flush() { if (file != "" && !own) print file ":1" }
    BEGIN { n = split(inner, part, " "); for (i = 1; i <= n; i++) other[part[i]] = 1 }
    FNR == 1 { flush(); file = FILENAME; own = 0 }
    /^(inline )?namespace dw[A-Za-z0-9_:]* \{/ {
      opened = $0; sub(/^(inline )?namespace /, "", opened); sub(/ .*/, "", opened)
      if (opened == name) own = 1
      else if (index(opened, name "::") == 1) {
        split(substr(opened, length(name) + 3), next_part, "::")
        if (!(next_part[1] in other)) own = 1
      }
    }
    END { flush() }' "$@"
}

for room in "${rooms[@]}"; do
  # A program's main.cpp has its own names only.
  mapfile -t files < <(files_of "$room" | grep -v '/main\.cpp$' | sort || true)
  if ((${#files[@]} == 0)); then continue; fi
  # Rooms in it; of base all other rooms, since its namespace is dw itself.
  if [[ $room == base ]]; then
    namespace=dw
    inner=$(folders_in core | paste -s -d ' ')
  else
    namespace=dw::${room//\//::}
    inner=$(printf '%s\n' "${rooms[@]}" | sed -n "s|^$room/\([^/]*\)\$|\1|p" | paste -s -d ' ')
  fi
  report "its room's namespace is $namespace" < <(outside_namespace "$namespace" "$inner" "${files[@]}")
  if ! grep -qsF "\`$room\`" core/README.md; then report "core/README.md does not name it" <<<"core/$room:1"; fi
done
for room in $(printf '%s\n' "${rooms[@]%%/*}" | sort -u); do
  if [[ -z $(find "tests/core/$room" -name 'tst_*.cpp' -print -quit 2>/dev/null) ]]; then
    report "no test in tests/core/$room" <<<"core/$room:1"
  fi
done

# tst_<file>.cpp tests core/<room>/**/<file>.{h,cpp}. One whose subject is what several files do together says so in one of
# its first lines: `// Covers: file, other_file` (of any room, without ending).
for test in $(if [[ -d tests/core ]]; then find tests/core -mindepth 2 -name 'tst_*.cpp' | sort; fi); do
  room=${test#tests/core/}
  room=${room%%/*}
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

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every source stands as clang-format 14 with .clang-format writes it. Another version would write some lines otherwise, so
# without that one the test is skipped (exit code 77) and says so.
#   format_test.sh SOURCE_FOLDER       to put it right: clang-format-14 -i FILE
set -euo pipefail
cd "$1"

find_formatter() {
  local name
  for name in clang-format-14 clang-format; do
    if "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
      command -v "$name"
      return
    fi
  done
  return 1
}

if ! formatter=$(find_formatter); then
  echo "skipped: clang-format 14 is not installed (Debian and Ubuntu: clang-format-14), so nothing was compared"
  exit 77
fi
folders=()
for folder in app core ui tests; do
  if [[ -d $folder ]]; then folders+=("$folder"); fi
done
mapfile -t files < <(find "${folders[@]}" -type f \( -name '*.h' -o -name '*.cpp' \) | sort)
unformatted=$(printf '%s\0' "${files[@]}" | xargs -0 -n 40 -P 2 "$formatter" --dry-run -Werror 2>&1 |
  sed -nE 's/^([^ :]+):([0-9]+):[0-9]+: error: .*/\1:\2/p' | sort -t : -k 1,1 -k 2,2n || true)
if [[ -n $unformatted ]]; then
  awk -F : '{ count[$1]++; if (!($1 in first)) first[$1] = $2 }
            END { for (file in count) printf "%s:%s: not as clang-format 14 writes it (%d places)\n", file, first[file], count[file] }' \
    <<<"$unformatted" | sort
fi
count=$(cut -d : -f 1 <<<"$unformatted" | sort -u | grep -c . || true)
echo "${#files[@]} files looked at, $count to format: $(basename "$formatter") -i FILE"
((count == 0 && ${#files[@]} > 0))

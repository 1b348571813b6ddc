#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016  # backquotes of Markdown
# links_test.sh must find each kind of dangling reference, alone, in a tree where all others hold.
#   links_test_can_fail.sh PATH_OF_links_test.sh
set -euo pipefail
test=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
wrong=0

# tree [FILE TEXT...]: a tree in which everything holds, and one more file.
tree() {
  rm -rf "$place/tree"
  mkdir -p "$place"/tree/{core/{base,model},tests/check,resources}
  printf '%s\n' '# Page' '[the core](core/README.md), [a heading](#page), [elsewhere](https://example.org/a.md)' \
    '`core/base/file.{h,cpp}`, `base/file.h`, `core/base/`, `resources/a.png`, `checkpoints/step-*/state.json`, `out/curve.csv`' \
    >"$place/tree/README.md"
  printf '%s\n' '# Core' '[up](../README.md)' >"$place/tree/core/README.md"
  printf '%s\n' '# Model' '## 3. Initial values' >"$place/tree/core/model/README.md"
  printf '%s\n' '#include "no/such_room.h"' '/// As core/model/README.md, section 3, says; see base/file.h.' >"$place/tree/core/base/file.h"
  : >"$place/tree/core/base/file.cpp"
  : >"$place/tree/resources/a.png"
  if (($# > 0)); then printf '%s\n' "${@:2}" >"$place/tree/$1"; fi
}

expect_found() {
  local what=$1 output
  shift
  tree "$@"
  if output=$(bash "$test" "$place/tree") || ! grep -q "^$1:.*$what" <<<"$output"; then
    echo "not found in $1: $what; the test said: $output"
    wrong=$((wrong + 1))
  fi
}

tree
bash "$test" "$place/tree" || wrong=1
expect_found "links to core/absent.md" CHANGELOG.md '[x](core/absent.md)'
expect_found "links to absent.png" core/model/a.md 'text ![picture](absent.png) text'
expect_found "names base/absent.h" CHANGELOG.md 'see `base/absent.h`'
expect_found "names core/run/" CHANGELOG.md 'see `core/run/`'
expect_found "names resources/absent.png" CHANGELOG.md '`resources/a.png` and `resources/absent.png`'
expect_found "names core/absent/README.md" core/base/a.cpp 'int a = 1;  // core/absent/README.md'
expect_found "names base/absent.h" core/base/a.cpp '#include "base/file.h"  // not base/absent.h'
expect_found "names absent.h" core/base/a.cpp 'int a;  // see file.h and absent.h'
expect_found "names DESIGN.md" core/base/a.cpp '/// DESIGN.md says so'
expect_found "has no section 4" core/base/a.cpp '/// core/model/README.md, section 4'
expect_found "names core/base/absent.sh" tests/check/a.sh '# core/base/absent.sh does'
if ((wrong > 0)); then echo "$wrong kinds of dangling reference went unseen"; exit 1; fi
echo "every kind of dangling reference is found"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# format_test.sh must find a line that stands otherwise, and say nothing of a clean tree.
#   format_test_can_fail.sh PATH_OF_format_test.sh SOURCE_FOLDER
set -euo pipefail
test=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/core"
cp "$2/.clang-format" "$place"

printf '%s\n' '#pragma once' '' 'inline int one() { return 1; }' >"$place/core/clean.h"
output=$(bash "$test" "$place") && rc=0 || rc=$?
if ((rc == 77)); then
  echo "$output"
  exit 77
fi
if ((rc != 0)); then echo "a clean tree is refused: $output"; exit 1; fi
printf '%s\n' 'int   two( ){return 2;}' >"$place/core/ugly.cpp"
if output=$(bash "$test" "$place") || ! grep -q '^core/ugly\.cpp:1: ' <<<"$output" || grep -q 'clean\.h:' <<<"$output"; then
  echo "the ugly line went unseen: $output"
  exit 1
fi
echo "an unformatted line is found"

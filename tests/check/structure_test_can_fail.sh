#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# structure_test.sh must find each kind of violation, alone, in an otherwise clean tree.
#   structure_test_can_fail.sh PATH_OF_structure_test.sh
set -euo pipefail
test=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
licence='// SPDX-License-Identifier: GPL-3.0-or-later'
wrong=0

# tree FILE TEXT...: a tree that is clean but for one file with the given lines.
tree() {
  rm -rf "$place/tree"
  mkdir -p "$place"/tree/{core/base,core/run,core/data,ui/panels/{data,train},app,tests,packaging}
  echo "# ${licence#// }" >"$place/tree/CMakeLists.txt"
  printf '%s\n' "$licence" '#include <unistd.h>' '#include <queue>' >"$place/tree/core/base/file.cpp"
  printf '%s\n' "$licence" '#include "model/xudit.h"' '#include <torch/torch.h>' >"$place/tree/core/run/xudit_task.cpp"
  printf '%s\n' "$licence" '#include <QWidget>' '#include "panels/train/page.h"' >"$place/tree/ui/panels/train/page.cpp"
  if (($# > 0)); then
    mkdir -p "$(dirname "$place/tree/$1")"
    printf '%s\n' "${@:2}" >"$place/tree/$1"
  fi
}

expect_found() {
  local rule=$1 output
  shift
  tree "$@"
  if output=$(bash "$test" "$place/tree") || ! grep -q "^$1:.*: .*$rule" <<<"$output"; then
    echo "not found in $1: $rule; the test said: $output"
    wrong=$((wrong + 1))
  fi
}

tree
bash "$test" "$place/tree" || wrong=1
expect_found "core has no Qt" core/data/a.h "$licence" '#include <QString>'
expect_found "core has no Qt" core/data/a.h "$licence" '#include <QtCore/QString>'
expect_found "core has no Qt" core/run/a.h "$licence" '#include <qobject.h>'
expect_found "core knows nothing above it" core/run/a.h "$licence" '#include "session/training_session.h"'
expect_found "this room has no torch" core/data/a.cpp "$licence" '#include <torch/torch.h>'
expect_found "this room has no torch" core/data/a.cpp "$licence" '#include "training/optimizer.h"'
expect_found "diffusion does not know model" core/diffusion/a.cpp "$licence" '#include "model/xudit.h"'
expect_found "model does not know diffusion" core/model/kernels/a.cpp "$licence" '#include "diffusion/loss.h"'
expect_found "ui has no torch" ui/plots/a.cpp "$licence" '#  include <ATen/ATen.h>'
expect_found "ui has no torch" ui/plots/a.cpp "$licence" '#include "model/xudit.h"'
expect_found "headers of run" core/run/a.h "$licence" '#include "training/trainer.h"'
expect_found "a panel does not include another" ui/panels/data/a.cpp "$licence" '#include "panels/train/page.h"'
expect_found "system calls" core/run/a.cpp "$licence" '#include <sys/stat.h>'
expect_found "system calls" app/cli/a.cpp "$licence" '#include <unistd.h>'
expect_found "system calls" ui/plots/a.cpp "$licence" '#include <dlfcn.h>'
expect_found "no SPDX line" core/base/a.h '#pragma once'
expect_found "no SPDX line" packaging/a.sh '#!/bin/sh'
expect_found "unfinished work" tests/a.cpp "$licence" "// TO""DO: later"
mapfile -t long < <(yes '//' | head -n 500)
expect_found "longer than 500 lines" core/base/a.cpp "$licence" "${long[@]}"
if ((wrong > 0)); then echo "$wrong kinds of violation went unseen"; exit 1; fi
echo "every kind of violation is found"

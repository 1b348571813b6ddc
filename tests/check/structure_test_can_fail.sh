#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016  # backquotes of Markdown
# structure_test.sh must find each kind of violation, alone, in an otherwise clean tree.
#   structure_test_can_fail.sh PATH_OF_structure_test.sh
set -euo pipefail
test=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
licence='// SPDX-License-Identifier: GPL-3.0-or-later'
wrong=0

# tree [FILE TEXT...]: a tree that is clean but for one file with the given lines. Its rooms: base and data have no LibTorch,
# trainer has it inside, training shows tensors; data/hdf5 is a room in a room, with a program in it.
tree() {
  local room
  rm -rf "$place/tree"
  mkdir -p "$place"/tree/{core/{base,data/hdf5/probe,trainer,training,model,diffusion},ui/{session,plots,panels/{data,train}},app/cli,tests,packaging}
  echo "# ${licence#// }" >"$place/tree/CMakeLists.txt"
  echo 'dw_room(trainer TORCH_INSIDE SOURCES xudit_task.cpp PUBLIC dw::base)' | with_licence core/trainer/CMakeLists.txt
  for room in training model diffusion; do echo "dw_room($room TORCH)" | with_licence core/$room/CMakeLists.txt; done
  for room in base data data/hdf5; do echo "dw_room(${room/\//_} PUBLIC dw::formats)" | with_licence core/$room/CMakeLists.txt; done
  echo 'add_executable(probe main.cpp)' | with_licence core/data/hdf5/probe/CMakeLists.txt
  printf '%s\n' "$licence" 'namespace dw::data::hdf5 {' >"$place/tree/core/data/hdf5/reader.h"
  printf '%s\n' "$licence" 'namespace dw::h5probe {' >"$place/tree/core/data/hdf5/probe/walk.h"
  printf '%s\n' "$licence" '#include <unistd.h>' '#include <queue>' 'namespace dw {' >"$place/tree/core/base/file.cpp"
  printf '%s\n' "$licence" '#include <torch/torch.h>' 'namespace dw::training {' >"$place/tree/core/training/optimizer.h"
  printf '%s\n' "$licence" '#include "training/optimizer.h"' 'namespace dw::training {' >"$place/tree/core/training/step.h"
  printf '%s\n' "$licence" '#include <torch/torch.h>' 'namespace dw::model {' >"$place/tree/core/model/xudit.h"
  printf '%s\n' "$licence" '#include <torch/torch.h>' 'namespace dw::diffusion {' >"$place/tree/core/diffusion/loss.h"
  printf '%s\n' "$licence" 'namespace dw::data {' >"$place/tree/core/data/source.h"
  printf '%s\n' "$licence" '#include "model/xudit.h"' '#include <torch/torch.h>' 'namespace dw::trainer {' \
    >"$place/tree/core/trainer/xudit_task.cpp"
  printf '%s\n' "$licence" '#include <QWidget>' '#include "panels/train/page.h"' >"$place/tree/ui/panels/train/page.cpp"
  echo 'Also `data/hdf5`.' >>"$place/tree/core/README.md"
  for room in base data trainer training model diffusion; do
    echo "| \`$room\` | what it is for |" >>"$place/tree/core/README.md"
    mkdir -p "$place/tree/tests/core/$room"
    printf '%s\n' "$licence" '// Covers: file, xudit_task' >"$place/tree/tests/core/$room/tst_several.cpp"
  done
  if [[ -n ${tree_rooms:-} ]]; then
    mkdir -p "$place/tree/core/$tree_rooms"
    echo "dw_room($tree_rooms)" | with_licence "core/$tree_rooms/CMakeLists.txt"
  fi
  if (($# > 0)); then
    mkdir -p "$(dirname "$place/tree/$1")"
    printf '%s\n' "${@:2}" >"$place/tree/$1"
  fi
}

# with_licence FILE: what comes in, below a licence line.
with_licence() { { echo "# ${licence#// }"; cat; } >"$place/tree/$1"; }

# expect_found_at PLACE RULE FILE TEXT...: that file must make the test report the rule at that place.
expect_found_at() {
  local at=$1 rule=$2 output
  shift 2
  tree "$@"
  if output=$(bash "$test" "$place/tree") || ! grep -q "^$at:.*: .*$rule" <<<"$output"; then
    echo "not found in $1: $rule; the test said: $output"
    wrong=$((wrong + 1))
  fi
}
expect_found() { expect_found_at "$2" "$@"; }

tree
bash "$test" "$place/tree" || wrong=1
data=(core/data/a.cpp "$licence" 'namespace dw::data {')
expect_found "core has no Qt" "${data[@]}" '#include <QString>'
expect_found "core has no Qt" "${data[@]}" '#include <QtCore/QString>'
expect_found "core has no Qt" core/trainer/a.h "$licence" '#include <qobject.h>' 'namespace dw::trainer {'
expect_found "core knows nothing above it" "${data[@]}" '#include "session/training_session.h"'
expect_found "core knows nothing above it" "${data[@]}" '#include "cli/command.h"'
expect_found "this room has no torch" "${data[@]}" '#include <torch/torch.h>'
expect_found "this room has no torch" "${data[@]}" '#include "training/optimizer.h"'
expect_found "this room has no torch" "${data[@]}" '#include "training/step.h"'
expect_found "headers of this room have no torch" core/trainer/a.h "$licence" '#include "training/step.h"' 'namespace dw::trainer {'
expect_found "diffusion does not know model" core/diffusion/a.cpp "$licence" '#include "model/xudit.h"' 'namespace dw::diffusion {'
expect_found "model does not know diffusion" core/model/kernels/a.cpp "$licence" '#include "diffusion/loss.h"' 'namespace dw::model {'
expect_found "ui has no torch" ui/plots/a.cpp "$licence" '#  include <ATen/ATen.h>'
expect_found "ui has no torch" ui/plots/a.cpp "$licence" '#include "model/xudit.h"'
expect_found "a panel does not include another" ui/panels/data/a.cpp "$licence" '#include "panels/train/page.h"'
expect_found "system calls" core/trainer/a.cpp "$licence" '#include <sys/stat.h>' 'namespace dw::trainer {'
expect_found "system calls" app/cli/a.cpp "$licence" '#include <unistd.h>'
expect_found "system calls" ui/plots/a.cpp "$licence" '#include <dlfcn.h>'
expect_found "its room's namespace is dw::data$" core/data/sub/a.h "$licence" 'namespace dw::trainer {'
expect_found "its room's namespace is dw::data::hdf5$" core/data/hdf5/a.h "$licence" 'namespace dw::data {'
expect_found "its room's namespace is dw::data$" core/data/a.h "$licence" 'namespace dw::data::hdf5 {'
expect_found "its room's namespace is dw$" core/base/a.h "$licence" 'namespace dw::data {'
expect_found "this room has no torch" core/data/hdf5/a.h "$licence" '#include "training/step.h"' 'namespace dw::data::hdf5 {'
expect_found "its room's namespace is dw::data" core/data/a.h "$licence" 'namespace dw {' 'namespace dw::database {'
expect_found "its room's namespace is dw$" core/base/a.h "$licence" 'namespace dw::base;'
tree_rooms=extra
expect_found_at core/extra "README.md does not name it" core/extra/a.h "$licence" 'namespace dw::extra {'
expect_found_at core/extra "no test in tests/core/extra" core/extra/a.h "$licence" 'namespace dw::extra {'
tree_rooms=''
expect_found "tests no file of core/data" tests/core/data/tst_other.cpp "$licence" '#include "data/source.h"'
expect_found "tests no file of core/data" tests/core/data/tst_file.cpp "$licence"
expect_found "covers nothing_such" tests/core/data/tst_other.cpp "$licence" '// Covers: source, nothing_such'
expect_found "there is no room core/old" tests/core/old/tst_file.cpp "$licence"
expect_found "no SPDX line" core/base/a.h '#pragma once' 'namespace dw {'
expect_found "no SPDX line" packaging/a.sh '#!/bin/sh'
expect_found "unfinished work" tests/a.cpp "$licence" "// TO""DO: later"
mapfile -t long < <(yes '//' | head -n 500)
expect_found "longer than 500 lines" core/base/a.cpp "$licence" "namespace dw {" "${long[@]}"
if ((wrong > 0)); then echo "$wrong kinds of violation went unseen"; exit 1; fi
echo "every kind of violation is found"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-tidy 14 with .clang-tidy over sources that do not use LibTorch; a finding makes it fail.
#   packaging/tidy.sh [--all] [FILE ...]    default: what changed since HEAD~20; --all: every such source
# Reads build/release/compile_commands.json, so configure and build the preset release first. Ends after DWB_TIDY_SECONDS
# (240; --all and FILE: no limit) and then names what it did not look at; that is no failure. DWB_TIDY_JOBS: 2.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly BUILD=build/release
readonly SINCE=HEAD~20
jobs=${DWB_TIDY_JOBS:-2}

say() { printf 'tidy: %s\n' "$*" >&2; }

find_tidy() {
  local name
  for name in clang-tidy-14 clang-tidy; do
    if "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# Sources changed since $SINCE and not committed yet; of a changed header the source beside it.
changed_sources() {
  local since=$SINCE file
  if ! git rev-parse -q --verify "$since^{commit}" >/dev/null 2>&1; then
    since=$(git rev-list --max-parents=0 HEAD | tail -n 1)
    say "this clone has no $SINCE: looking at what changed since its first commit"
  fi
  # Moved and otherwise unchanged files are left out: -M with a similarity of 100 %.
  { git diff --name-status -M100% --diff-filter=AMRC "$since" -- app core ui tests | grep -v '^[RC]100' | awk -F '\t' '{ print $NF }'
    git ls-files --others --exclude-standard -- app core ui tests; } | sort -u | while IFS= read -r file; do
    if [[ $file == *.h ]]; then file=${file%.h}.cpp; fi
    if [[ $file == *.cpp && -f $file ]]; then echo "$file"; fi
  done | sort -u
}

# write_commands FOLDER: the build's commands for sources without LibTorch, in words that clang knows. Prints those sources,
# the core first.
write_commands() {
  python3 - "$BUILD/compile_commands.json" "$1" <<'PYTHON'
import json, os, shlex, shutil, sys

database, folder = sys.argv[1:]
root = os.getcwd()
gcc_only = {"-fpch-preprocess", "-Winvalid-pch"}
commands = {}
for entry in json.load(open(database)):
    source = os.path.relpath(entry["file"], root)
    words = shlex.split(entry["command"])
    if not source.startswith(("app/", "core/", "ui/", "tests/")) or any("torch" in word.lower() for word in words):
        continue
    while words and words[0] != "-c" and not os.path.basename(words[0]).startswith(("c++", "g++", "clang++")):
        del words[0]  # ccache and what sets its environment
    kept = []
    for word in words:
        # -Wno-restrict and other names of warnings that only GCC has are silenced below.
        if word in gcc_only or word == "-Werror":
            continue
        if word.endswith("/cmake_pch.hxx"):
            # A copy: beside the original lies GCC's precompiled form, which clang takes for its own.
            copy = os.path.join(folder, word.replace("/", "_"))
            shutil.copyfile(word, copy)
            word = copy
        kept.append(word)
    kept.insert(1, "-Wno-unknown-warning-option")
    commands[source] = {"directory": entry["directory"], "file": entry["file"], "arguments": kept}
json.dump(list(commands.values()), open(os.path.join(folder, "compile_commands.json"), "w"))
rooms = ("core/", "app/", "ui/", "tests/")
for source in sorted(commands, key=lambda name: (next(i for i, room in enumerate(rooms) if name.startswith(room)), name)):
    print(source)
PYTHON
}

# look_at SOURCE: findings go to a file of its own, so that those of two jobs do not mix.
look_at() {
  local source=$1 left name rc=0
  name=${source//\//_}
  left=$((DEADLINE - $(date +%s)))
  if ((left <= 0)); then
    echo "$source" >>"$WORK/left_out"
    return
  fi
  timeout "$left" "$TIDY" --quiet -p "$WORK" "--warnings-as-errors=*" "$PWD/$source" >"$WORK/$name.log" 2>"$WORK/$name.err" || rc=$?
  if ((rc == 124)); then
    echo "$source" >>"$WORK/left_out"
  # A standard library newer than clang 14 knows: that says nothing about our source.
  elif ((rc != 0)) && grep -q '^/usr/.*\[clang-diagnostic-error' "$WORK/$name.log"; then
    echo "$source" >>"$WORK/unreadable"
  elif ((rc != 0)); then
    echo "$source" >>"$WORK/failed"
    { cat "$WORK/$name.log"; grep -vE '^[0-9]+ warnings?|^Suppressed|^Use -header-filter' "$WORK/$name.err" || true; } | sed "s|$PWD/||"
  fi
}

sources=()
seconds=${DWB_TIDY_SECONDS:-240}
case ${1:-} in
  -h | --help)
    sed -n '3,6s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
if ! TIDY=$(find_tidy); then
  say "skipped: clang-tidy 14 is not installed (Debian and Ubuntu: clang-tidy-14)"
  exit 0
fi
if (($# == 0)) && ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  say "skipped: git does not tell what changed here (no clone, or somebody else's); packaging/tidy.sh --all looks at everything"
  exit 0
fi
if [[ ! -f $BUILD/compile_commands.json ]]; then
  say "there is no $BUILD/compile_commands.json: build first (cmake --preset release && cmake --build --preset release)"
  exit 1
fi
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
write_commands "$WORK" >"$WORK/all"
case ${1:-} in
  --all)
    mapfile -t sources <"$WORK/all"
    seconds=${DWB_TIDY_SECONDS:-100000}
    ;;
  '') mapfile -t sources < <(grep -Fxf <(changed_sources) "$WORK/all" || true) ;;
  *)
    mapfile -t sources < <(grep -Fxf <(printf '%s\n' "$@") "$WORK/all" || true)
    seconds=${DWB_TIDY_SECONDS:-100000}
    ;;
esac
if ((${#sources[@]} == 0)); then
  say "no source without LibTorch to look at"
  exit 0
fi
say "looking at ${#sources[@]} sources, $jobs at once"
: >"$WORK/left_out"
: >"$WORK/failed"
: >"$WORK/unreadable"
DEADLINE=$(($(date +%s) + seconds))
export -f look_at
export TIDY WORK DEADLINE
# shellcheck disable=SC2016  # expanded by the inner shell
printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "$jobs" bash -c 'look_at "$1"' _
left_out=$(wc -l <"$WORK/left_out")
failed=$(wc -l <"$WORK/failed")
unreadable=$(wc -l <"$WORK/unreadable")
if ((unreadable > 0)); then
  say "$unreadable sources use system headers that clang 14 cannot read, so nothing is known about them:"
  sort "$WORK/unreadable" | sed 's/^/  /' >&2
fi
if ((left_out > 0)); then
  say "the time of $seconds s was up; $left_out sources were not looked at (packaging/tidy.sh --all has no limit):"
  sort "$WORK/left_out" | sed 's/^/  /' >&2
fi
say "$((${#sources[@]} - left_out - unreadable)) sources looked at, $failed with findings"
((failed == 0))

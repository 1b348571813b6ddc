#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds, runs every test.
#   packaging/test.sh [--quick]      --quick: no sanitizer builds
# The release build stays in build/release. Golden cases: those in tests/golden; a bigger set is optional, the folder that
# DWB_GOLDEN names, or else ../shared/golden/open if there is one. With CI=true warnings are errors. Tests labelled slow or
# bench are left out.
set -euo pipefail
# shellcheck source=packaging/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

quick=no
case ${1:-} in
  '') ;;
  --quick) quick=yes ;;
  -h | --help)
    sed -n '3,7s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
  *) die "test.sh knows --quick, not $1" ;;
esac

if [[ -z ${DWB_GOLDEN:-} && -d $DWB_ROOT/../shared/golden/open ]]; then
  DWB_GOLDEN=$(cd "$DWB_ROOT/../shared/golden/open" && pwd)
  export DWB_GOLDEN
fi
export ASAN_OPTIONS=${ASAN_OPTIONS:-strict_string_checks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
strict=OFF
if [[ ${CI:-} == true ]]; then strict=ON; fi

total=0
failed=0
failures=()

# A step without which its tests cannot run counts as one failed test, so that no summary looks clean without it.
must() {
  local name=$1
  if phase "$@"; then return 0; fi
  total=$((total + 1))
  failed=$((failed + 1))
  failures+=("$name")
  return 1
}

# run_tests PRESET JOBS [ctest options]; adds to total, failed, failures.
run_tests() {
  local preset=$1 jobs=$2 log line rc=0 launcher=()
  shift 2
  log=$DWB_ROOT/build/$preset/ctest.log
  # ThreadSanitizer of gcc 12 cannot live with the address randomisation of newer kernels.
  if [[ $preset == tsan ]] && setarch -R true 2>/dev/null; then launcher=(setarch -R); fi
  "${launcher[@]}" ctest --test-dir "$DWB_ROOT/build/$preset" --output-on-failure --no-tests=error -j "$jobs" \
    "$@" 2>&1 | tee "$log" || rc=$?
  line=$(sed -nE 's/.*tests passed, ([0-9]+) tests failed out of ([0-9]+).*/\1 \2/p' "$log" | tail -n 1)
  if [[ -z $line ]]; then return 1; fi
  failed=$((failed + ${line% *}))
  total=$((total + ${line#* }))
  mapfile -t -O "${#failures[@]}" failures < <(sed -nE "s/^[[:space:]]+[0-9]+ - ([^ ]+) \\((.*)\\).*/$preset: \\1 (\\2)/p" "$log")
  if ((rc != 0 && ${line% *} == 0)); then return 1; fi
}

# check PRESET: everything for one of the sanitizer builds.
check_sanitized() {
  must "configuring $1" configure "$1" "-DDWB_WERROR=$strict" || return 0
  must "building $1" build "$1" || return 0
  must "tests, $1" run_tests "$1" "$(nproc)" -LE '^(slow|bench)$' || return 0
}

set_up --test
if must "configuring release" configure release "-DDWB_WERROR=$strict" && must "building release" build release; then
  # Tests that drive windows look at the clock: one at a time. The others share the cores.
  must "tests, release" run_tests release 2 -LE '^(slow|bench|ui|e2e)$' || true
  must "tests, release, windows" run_tests release 1 -L '^(ui|e2e)$' -LE '^(slow|bench)$' || true
  must "clang-tidy" "$DWB_ROOT/packaging/tidy.sh" || true
fi
if [[ $quick == no ]]; then
  check_sanitized asan
  check_sanitized tsan
fi

echo
echo "Time by phase:"
printf '%s\n' "${PHASE_TIMES[@]}"
printf '%6d s  in all\n' "$SECONDS"
if ((${#failures[@]} > 0)); then
  echo
  echo "Failed:"
  printf '  %s\n' "${failures[@]}"
fi
echo
echo "$((total == 0 ? 0 : (total - failed) * 100 / total))% tests passed, $failed tests failed out of $total"
((failed == 0 && total > 0))

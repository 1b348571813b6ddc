#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the machine ready: Debian packages and LibTorch. run.sh and test.sh source it; called directly it only sets up:
#   packaging/setup.sh [--cuda] [--test]
# Changes nothing and asks for nothing when all is there. Safe to interrupt and to repeat.
# Afterwards DWB_TORCH_ROOT names the LibTorch to build against, and phase, say, die, configure, build can be used.
set -euo pipefail

DWB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly DWB_ROOT
readonly TORCH_VERSION=2.15.0
# libtorch_cpu of the wheel loads two small CUDA libraries even where there is no GPU. With --cuda torch names its own.
readonly TORCH_CPU_WHEELS=(--no-deps "torch==$TORCH_VERSION" "nvidia-cuda-cupti==13.5.25" "nvidia-cuda-runtime==13.5.37")
readonly TORCH_CUDA_WHEELS=("torch==$TORCH_VERSION")
readonly TORCH_OLDEST=2.6

: "${HOME:=$(getent passwd "$(id -u)" | cut -d : -f 6)}"
export HOME

say() { printf '[%4d s] %s\n' "$SECONDS" "$*" >&2; }
die() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# phase NAME COMMAND...: runs it, says when it begins and how long it took; keeps the time for the summary.
PHASE_TIMES=()
phase() {
  local name=$1 begin=$SECONDS rc=0
  shift
  say "$name ($(date +%H:%M:%S))"
  "$@" || rc=$?
  PHASE_TIMES+=("$(printf '%6d s  %s' $((SECONDS - begin)) "$name")")
  return $rc
}

# quietly COMMAND...: its output goes to a file; every 15 s the last line of that, and all of it if the command fails.
quietly() {
  local log ticker rc=0
  log=$(mktemp)
  while sleep 15 >/dev/null 2>&1; do say "... $(tail -n 1 "$log" | cut -c 1-100)"; done &
  ticker=$!
  "$@" >"$log" 2>&1 || rc=$?
  kill "$ticker" 2>/dev/null
  wait "$ticker" 2>/dev/null || true
  if ((rc != 0)); then cat "$log" >&2; fi
  rm -f "$log"
  return $rc
}

# ---- Debian packages -------------------------------------------------------------------------------------------------

# Names in the given sections of packages.txt; `a|b` stays together.
packages_of() {
  local sections=" $* " section="" line
  while IFS= read -r line; do
    line=${line%%#*}
    line=${line//[[:space:]]/}
    case $line in
      '') ;;
      '['*']') section=${line:1:-1} ;;
      *) if [[ $sections == *" $section "* ]]; then echo "$line"; fi ;;
    esac
  done <"$DWB_ROOT/packaging/packages.txt"
}

# Those of the given sections that are not installed.
missing_packages() {
  local wanted installed entry name found
  mapfile -t wanted < <(packages_of "$@")
  # One call for all: dpkg-query fails when it does not know one of the names, which only means "not installed".
  installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "${wanted[@]//|*/}" "${wanted[@]//*|/}" 2>/dev/null || true) "
  for entry in "${wanted[@]}"; do
    found=no
    for name in ${entry//|/ }; do
      if [[ $installed == *" installed=$name "* ]]; then found=yes; fi
    done
    if [[ $found == no ]]; then echo "$entry"; fi
  done
}

# The first alternative of `a|b` that apt knows.
known_package() {
  local name
  for name in ${1//|/ }; do
    if apt-cache show "$name" >/dev/null 2>&1; then
      echo "$name"
      return
    fi
  done
  return 1
}

install_packages() {
  local sections=(build run) missing optional entry as_root=()
  if [[ $1 == test ]]; then sections+=(test); fi
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian or Ubuntu: packages are not checked; packaging/packages.txt names what CMake will look for"
    return
  fi
  mapfile -t missing < <(missing_packages "${sections[@]}")
  if ((${#missing[@]} == 0)); then return; fi

  say "${#missing[@]} Debian packages are missing: ${missing[*]}"
  if ((EUID != 0)); then
    as_root=(sudo)
    # Without a terminal nobody could type a password.
    if [[ ! -t 0 ]]; then as_root=(sudo -n); fi
    if ! command -v sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
      die "Installing packages needs administrator rights, and sudo is not at hand. Ask an administrator to run" \
        $'once:\n  apt-get install --no-install-recommends '"${missing[*]%%|*}"$'\nthen start this again; no rights are needed from then on.'
    fi
  fi
  say "reading the package lists"
  if ((${#as_root[@]} > 0)); then "${as_root[@]}" true || die "sudo refused; nothing was installed."; fi
  quietly "${as_root[@]}" apt-get update -q -o Acquire::Retries=3 ||
    die "apt could not read its package lists. Look at the lines above: is the network there, and /etc/apt right?"
  local names=()
  for entry in "${missing[@]}"; do
    names+=("$(known_package "$entry")") ||
      die "This system has no package $entry. Debian 12 and Ubuntu 24.04 have it; is \"main\" (Ubuntu: \"universe\") in /etc/apt?"
  done
  mapfile -t optional < <(missing_packages optional)
  for entry in "${optional[@]}"; do
    if known_package "$entry" >/dev/null; then names+=("$(known_package "$entry")"); fi
  done
  say "installing with apt-get: ${names[*]}"
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${names[@]}" ||
    die "apt could not install the packages; the lines above say why. Afterwards start this again: it goes on from there."
}

# ---- LibTorch --------------------------------------------------------------------------------------------------------

# Prints the version of the LibTorch in a folder; nothing if there is none that is new enough.
usable_torch() {
  local header version
  for header in "$1"/include/torch/headeronly/version.h "$1"/include/torch/version.h \
    "$1"/include/torch/csrc/api/include/torch/version.h; do
    if [[ ! -r $header ]]; then continue; fi
    version=$(awk '/#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]/ { v = v (v == "" ? "" : ".") $3 } END { print v }' "$header")
    if [[ -n $version && -e $1/lib/libtorch_cpu.so ]] && printf '%s\n' "$TORCH_OLDEST" "$version" | sort -V -C; then
      echo "$version"
      return
    fi
  done
}

# A LibTorch that somebody asked for by the environment, as CMake users do.
torch_by_environment() {
  local places=() prefix place
  if [[ -n ${DWB_TORCH_ROOT:-} ]]; then places+=("$DWB_TORCH_ROOT"); fi
  if [[ -n ${Torch_DIR:-} ]]; then places+=("$Torch_DIR/../../.."); fi
  while IFS= read -r -d : prefix; do
    if [[ -n $prefix ]]; then places+=("$prefix" "$prefix/torch"); fi
  done <<<"${CMAKE_PREFIX_PATH:-}:"
  for place in "${places[@]}"; do
    if [[ -n $(usable_torch "$place") ]]; then
      (cd "$place" && pwd)
      return
    fi
  done
  if [[ -n ${DWB_TORCH_ROOT:-} ]]; then
    die "DWB_TORCH_ROOT is $DWB_TORCH_ROOT, but there is no LibTorch $TORCH_OLDEST or newer in it (include/torch/version.h," \
      "lib/libtorch_cpu.so). Correct it, or unset it to have one fetched."
  fi
}

# fetch_torch FOLDER WHEELS...: into a folder beside it, then renamed, so that an interrupted download leaves nothing
# that looks whole.
fetch_torch() {
  local folder=$1 work
  shift
  { mkdir -p "$(dirname "$folder")" && exec 9>"$folder.lock"; } || die "$(dirname "$folder") cannot be written to."
  if ! flock -n 9; then
    say "another set-up is fetching LibTorch; waiting for it"
    flock 9
  fi
  if [[ ! -d $folder ]]; then
    rm -rf "$folder".partial.*
    # pip unpacks here too: /tmp may be small, and a move inside one disk costs nothing.
    { work=$(mktemp -d "$folder.partial.XXXXXX") && mkdir "$work/tmp" "$work/torch"; } || die "$folder cannot be made."
    run_pip "$work" "$@"
    mv -T "$work/torch" "$folder" || die "$work/torch could not be renamed to $folder."
    rm -rf "$work"
  fi
  exec 9>&-
}

run_pip() {
  local work=$1 rc=0
  shift
  python3 -m pip --version >/dev/null 2>&1 ||
    die "python3 -m pip does not work; it fetches LibTorch. Debian's package is python3-pip."
  TMPDIR=$work/tmp python3 -m pip install --disable-pip-version-check --no-input --no-compile --only-binary=:all: \
    --no-cache-dir --root-user-action=ignore --target "$work/torch" "$@" >&2 || rc=$?
  if ((rc != 0)); then
    rm -rf "$work"
    die "LibTorch $TORCH_VERSION could not be fetched from PyPI; the lines above say why. Is the network there, and 3 GB" \
      $'of room (--cuda: 12 GB)?\nOr set DWB_TORCH_ROOT to the folder of a LibTorch '"$TORCH_OLDEST or newer."
  fi
}

# Sets DWB_TORCH_ROOT. $1: cpu or cuda.
find_or_fetch_torch() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/diffusion-workbench found place wheels=("${TORCH_CPU_WHEELS[@]}")
  local plain=$cache/torch-$TORCH_VERSION
  found=$(torch_by_environment) || exit 1
  # One that came with the CUDA libraries serves a machine without GPU as well.
  if [[ -z $found && -d $plain-cuda/torch ]]; then found=$plain-cuda/torch; fi
  if [[ -z $found && $1 == cpu ]]; then
    for place in "$plain/torch" /usr/local/libtorch /opt/libtorch /usr; do
      if [[ -z $found && -n $(usable_torch "$place") ]]; then found=$place; fi
    done
  fi
  if [[ -z $found ]]; then
    if [[ $1 == cuda ]]; then
      plain+=-cuda
      wheels=("${TORCH_CUDA_WHEELS[@]}")
    fi
    say "fetching LibTorch $TORCH_VERSION into $plain (once, outside the source folder)"
    fetch_torch "$plain" "${wheels[@]}"
    found=$plain/torch
  fi
  [[ -n $(usable_torch "$found") ]] || die "The LibTorch in $found is not whole. Delete the folder above it and start again."
  export DWB_TORCH_ROOT=$found
}

# set_up [--cuda] [--test]
set_up() {
  local device=cpu packages=run option
  for option in "$@"; do
    case $option in
      --cuda) device=cuda ;;
      --test) packages='test' ;;
      *) die "setup.sh knows --cuda and --test, not $option" ;;
    esac
  done
  phase "checking Debian packages" install_packages "$packages"
  phase "checking LibTorch" find_or_fetch_torch "$device"
  say "LibTorch $(usable_torch "$DWB_TORCH_ROOT") in $DWB_TORCH_ROOT"
}

# ---- Build -----------------------------------------------------------------------------------------------------------

# Jobs at once: as many as there are cores, but 1.5 GB of memory for each (one file with torch headers takes that).
build_jobs() {
  local cores by_memory
  cores=$(nproc)
  by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1572864) }' /proc/meminfo)
  echo $((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))
}

# configure PRESET [options]: CMake runs only if something it depends on changed; ninja notices changed CMakeLists itself.
configure() {
  local preset=$1 build=$DWB_ROOT/build/$1 key
  shift
  key="$DWB_TORCH_ROOT $* $(cksum <"$DWB_ROOT/CMakePresets.json")"
  if [[ -e $build/build.ninja && $(cat "$build/.configured" 2>/dev/null) == "$key" ]]; then return; fi
  # -U: the cache must not hold the libraries of another LibTorch than the one asked for.
  (cd "$DWB_ROOT" && cmake --preset "$preset" --no-warn-unused-cli -U 'LibTorch_*' "-DDWB_TORCH_ROOT=$DWB_TORCH_ROOT" "$@") >&2 || return
  echo "$key" >"$build/.configured"
}

# build PRESET [targets]
build() {
  local preset=$1 targets=()
  shift
  if (($# > 0)); then targets=(--target "$@"); fi
  (cd "$DWB_ROOT" && cmake --build --preset "$preset" --parallel "$(build_jobs)" "${targets[@]}") >&2
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then set_up "$@"; fi

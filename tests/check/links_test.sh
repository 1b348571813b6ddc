#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What text and comments point at is in the repository:
#   - in *.md each relative link, and each path between backquotes that ends like a source or lies in a folder of the tree;
#   - in comments each path to a source or page, each name of a source without a path (any folder may hold it), and each "X/README.md, section N": a heading "## N." stands there.
# Paths count from the top, from core, ui, app or tests, or from the folder of the file that names them.
#   links_test.sh SOURCE_FOLDER
# Prints every dangling one as FILE:LINE: what; ends with 1 if there was one.
set -euo pipefail
cd "$1"

top=()
for entry in app core ui tests packaging resources .github .ci *.md CMakeLists.txt CMakePresets.json LICENSE .clang-format .clang-tidy \
  .pre-commit-config.yaml .git-blame-ignore-revs; do
  if [[ -e $entry ]]; then top+=("$entry"); fi
done
mapfile -t pages < <(find "${top[@]}" -type f -name '*.md' | sort)
# But for the tests of these checks, which make up names.
mapfile -t sources < <(find "${top[@]}" -type f ! -path 'tests/check/*_can_fail.sh' \( -name '*.h' -o -name '*.cpp' -o -name '*.sh' -o -name '*.cmake' -o -name '*.in' \
  -o -name CMakeLists.txt \) | sort)

# Each line: FILE, LINE, KIND (link, named or section), TARGET, section number.
cited() {
  # [text](target), but not what has a scheme or is a heading of the same page.
  grep -noHE '\]\([^)#: ]+(#[^) ]*)?\)' "${pages[@]}" | sed -nE 's/^([^:]+):([0-9]+):\]\(([^)#]+).*/\1 \2 link \3/p' || true
  # Paths, in code spans and blocks as well; not those of addresses.
  grep -nHE '/' "${pages[@]}" | awk '{
      split($0, place, ":")
      text = substr($0, length(place[1] place[2]) + 3)
      gsub(/[a-z]+:\/\/[^ )>]*/, "", text)
      while (match(text, /[A-Za-z0-9_.{},<>*-]+(\/[A-Za-z0-9_.{},<>*-]+)+\/?/)) {
        print place[1], place[2], "named", substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
      }
    }' || true
  # Comments: after // or #.
  grep -nHE '(//|^ *#).*[A-Za-z0-9_]\.(md|h|cpp|sh|cmake|py)\b' "${sources[@]}" |
    awk -F : '{
      file = $1; line = $2; text = $0
      sub(/^[^:]*:[^:]*:/, "", text)
      if (text ~ /^ *# *include/) { if (!sub(/^[^"<]*["<][^">]*[">]/, "", text)) next }
      if (file ~ /\.(h|cpp|in)$/) { if (!match(text, /\/\//)) next; text = substr(text, RSTART + 2) }
      else { if (!match(text, /(^|[ \t])# /)) next; text = substr(text, RSTART + 1) }
      section = 0
      rest = text
      while (match(rest, /[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*\.md(, section [0-9]+)?/)) {
        word = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)
        number = ""
        if (match(word, /, section [0-9]+$/)) { number = substr(word, RSTART + 10); word = substr(word, 1, RSTART - 1) }
        print file, line, (number == "" ? "named" : "section"), word, number
      }
      rest = text
      while (match(rest, /[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)+\.(h|cpp|sh|cmake|py)/)) {
        word = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)
        print file, line, "named", word
      }
      gsub(/[A-Za-z0-9_.-]*\/[A-Za-z0-9_.\/-]*/, " ", text)
      while (file ~ /\.(h|cpp)$/ && match(text, /[A-Za-z0-9_-]+\.(h|cpp)[^A-Za-z0-9_]?/)) {
        word = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        sub(/[^A-Za-z0-9_]$/, "", word)
        print file, line, "bare", word
      }
    }' || true
}

# Headings "## N. ..." as SECTION lines, all files and folders as HAVE lines, then what is cited.
dangling() {
  {
    find "${top[@]}" -mindepth 0 \( -type f -o -type d -o -type l \) -printf 'HAVE %p\n'
    grep -nHE '^##+ [0-9]+\. ' "${pages[@]}" | sed -nE 's/^([^:]+):[0-9]+:##+ ([0-9]+)\..*/SECTION \1 \2/p' || true
    cited
  } | awk '
    function normal(path) {
      while (sub(/\/\.\//, "/", path) || sub(/^\.\//, "", path) || sub(/[^\/.][^\/]*\/\.\.\//, "", path)) {}
      sub(/\/$/, "", path)
      return path
    }
    function found(path, from,    i, folder) {
      for (i in roots) if (normal(roots[i] path) in have) return normal(roots[i] path)
      folder = from
      while (sub(/[^\/]+\/?$/, "", folder)) if (normal(folder path) in have) return normal(folder path)
      return ""
    }
    BEGIN { n = split(" core/ ui/ app/ tests/ tests/core/ packaging/ packaging/cmake/", roots, " "); roots[0] = "" }
    $1 == "HAVE" {
      have[$2] = 1
      n = split($2, part, "/")
      if (n == 1) folders[$2] = 1
      bare[part[n]] = 1
      next
    }
    $1 == "SECTION" { sections[$2 " " $3] = 1; next }
    {
      path = $4
      if ($3 == "bare") {                                   # but those of other projects
        if (!(path in bare) && path !~ /^(jpeglib|qcustomplot|hdf5|png|zip|zlib)\.h$/) print $1 ":" $2 ": names " path ", which is not there"
        next
      }
      if ($3 == "link") {
        folder = $1
        if (!sub(/[^\/]+$/, "", folder)) folder = ""
        if (!(normal(folder path) in have)) print $1 ":" $2 ": links to " path ", which is not there"
        next
      }
      if (path ~ /[<>*]|\.\.\.|^\.\.\//) next              # a pattern, or outside
      if (path ~ /\{/) {                                    # a/b.{h,cpp}: the first of them
        sub(/\{/, "", path); sub(/,[^}]*\}/, "", path)
        if (path ~ /[{}]/) next
      }
      sub(/[.,]+$/, "", path)
      source = path ~ /\.(h|cpp|sh|cmake|py|md)$/
      split(path, part, "/")
      inside = part[1] in folders && (path ~ /\.[a-z0-9]+$/ || path ~ /\/$/)
      if (!source && !inside) next
      if (path ~ /^(torch|ATen|c10|sys|usr|nlohmann|hwy|tensorflow)\// || path ~ /^\//) next   # of other projects
      if (path ~ /^([A-Za-z]|room)\/|(^|\/)[A-Z]+\/|_FILE\.|(^|\/)NAME\./) next    # stands for any
      place = found(path, $1)
      if (place == "") print $1 ":" $2 ": names " $4 ", which is not there"
      else if ($3 == "section" && !((place " " $5) in sections)) print $1 ":" $2 ": " $4 " has no section " $5
    }'
}

violations=$(dangling | sort -u)
if [[ -n $violations ]]; then echo "$violations"; fi
count=$(grep -c . <<<"$violations" || true)
echo "${#pages[@]} pages and ${#sources[@]} sources looked at, $count dangling"
((count == 0 && ${#pages[@]} > 0))

#!/usr/bin/env bash
# Builds the Debian packages udsd, udsctl and libuds-dev from this checkout, and has lintian judge them.
#
#   scripts/package.sh [--yes] [--output DIR]
#
# Installs what is missing (setup.sh; --yes does not ask), copies the files that git tracks and those it does not ignore,
# changed or not, to build/debian, builds there with dpkg-buildpackage through ccache, puts the packages into DIR (by
# default build/packages; packages of other versions stay there) and prints their names.
# The copy has the same place each time, which lets ccache know every file of the build before.
# Exit: 0 built, and lintian finds neither errors nor warnings; 1 not built; 2 built, but lintian finds some; 64 usage;
# 69 this is no git checkout, or as setup.sh; 77 as setup.sh.
set -euo pipefail

usage() {
  echo "package.sh: $1 (usage: package.sh [--yes] [--output DIR])" >&2
  exit 64
}

output=
setup_arguments=(--packages)
while (($# > 0)); do
  case $1 in
    --yes) setup_arguments+=(--yes) ;;
    --output)
      (($# > 1)) || usage "--output needs a directory"
      output=$(realpath --canonicalize-missing -- "$2")
      shift
      ;;
    *) usage "unknown argument '$1'" ;;
  esac
  shift
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
output=${output:-$PWD/build/packages}

scripts/setup.sh "${setup_arguments[@]}"
if ! git rev-parse --is-inside-work-tree >/dev/null; then
  echo "package.sh: only git knows which files belong to the source, and this is no checkout that it accepts" >&2
  exit 69
fi

work=$PWD/build/debian
mkdir -p "$work" "$output"
# Two runs at a time would write into the same copy: the second waits.
exec {lock}>"$work/lock"
flock "$lock"
find "$work" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
mkdir "$work/uds"

# A list of names that are there: git also names files that somebody has just deleted.
git ls-files -z --cached --others --exclude-standard --deduplicate | while IFS= read -r -d '' file; do
  if [[ -e $file || -L $file ]]; then printf '%s\0' "$file"; fi
done | tar --create --null --no-recursion --files-from=- | tar --extract --directory="$work/uds"

# debhelper gives the build another HOME, where ccache would find nothing. Sloppiness as in build.sh.
CCACHE_DIR=$(ccache --get-config cache_dir)
export CCACHE_DIR CMAKE_CXX_COMPILER_LAUNCHER=ccache
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
# Without the command lines of the compiler: they are thousands of characters each.
export DEB_BUILD_OPTIONS="terse ${DEB_BUILD_OPTIONS:-}"
if ! (cd "$work/uds" && dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary); then
  echo "package.sh: the packages could not be built; the messages above say why, and the tree is in $work/uds" >&2
  exit 1
fi

status=0
lintian --fail-on error,warning "$work"/*.changes || status=2

printf '\nPackages in %s:\n' "$output"
for package in "$work"/*.deb; do
  mv -- "$package" "$output/"
  printf '  %s\n' "$(basename "$package")"
done
exit "$status"

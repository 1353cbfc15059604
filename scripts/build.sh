#!/usr/bin/env bash
# Configures and builds one preset of CMakePresets.json through ccache, into build/PRESET.
#
#   scripts/build.sh PRESET [--target NAME...]
#
# Shared by demo.sh and test.sh. It configures again only when CMake itself finds a reason, so a
# second run compiles only what changed. It installs nothing: setup.sh does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# == 0)); then
  echo "usage: build.sh PRESET [--target NAME...]" >&2
  exit 64
fi
preset=$1
shift

# ccache refuses files that use a precompiled header unless told that their time stamps may be ignored.
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

if [[ ! -f build/$preset/build.ninja ]]; then
  cmake --preset "$preset" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
cmake --build --preset "$preset" --parallel "$(nproc)" "$@"

#!/usr/bin/env bash
# Measures udsd beside a raw echo server on the same socket type, and beside other servers.
#
#   scripts/bench.sh [--peers] [--write] [--yes] [--rounds N] [--seconds S]
#   scripts/bench.sh --runs [--yes] [--rounds N] [--megabytes M]
#
# Installs what is missing (setup.sh; --yes does not ask), builds the release preset, then runs all
# servers in turn, round after round, on one core, and prints ratios, counts, and which goals they
# reach. --peers adds Redis, D-Bus and gRPC, where setup.sh can install them. --write puts the tables
# and the plot into docs/performance.md and docs/performance.svg. A quiet machine gives narrow ranges.
# --runs measures runs of declared commands instead, and prints what came of it.
# Exit: 0 measured, whatever came of it; 64 usage, 69 and 77 as setup.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

setup_arguments=(--tests)
arguments=()
peers=OFF
program=bench/compare.py
for argument in "$@"; do
  case $argument in
    --yes) setup_arguments+=(--yes) ;;
    --peers)
      setup_arguments+=(--peers)
      arguments+=(--peers)
      peers=ON
      ;;
    --runs) program=bench/runs.py ;;
    *) arguments+=("$argument") ;;
  esac
done
if [[ $program == bench/runs.py && $peers == ON ]]; then
  echo "bench.sh: --runs compares with no peers" >&2
  exit 64
fi
scripts/setup.sh "${setup_arguments[@]}"
# Each time, so that the peers are not built for those who did not ask for them.
cmake --preset release -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DUDS_BUILD_PEERS="$peers" >/dev/null
scripts/build.sh release
exec python3 "$program" build/release "${arguments[@]}"

#!/usr/bin/env bash
# Measures udsd beside a raw echo server on the same socket type, and beside other servers.
#
#   scripts/bench.sh [--peers] [--write] [--rounds N] [--seconds S]
#
# Builds the release preset, then runs all servers in turn, round after round, on one core, and prints
# ratios. --peers adds the other servers that are installed (Redis). --write puts the tables and the
# plot into docs/performance.md and docs/performance.svg. A quiet machine gives narrow ranges.
# Exit: 0 measured, 64 usage, 69 and 77 as setup.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/build.sh release
exec python3 bench/compare.py build/release "$@"

#!/usr/bin/env bash
# Builds the fuzz targets of tests/fuzz with clang 19, ASan and UBSan, and runs each for some time.
#
#   scripts/fuzz.sh SECONDS [TARGET...]
#
# Targets are the names of the folders of tests/fuzz/corpus; without any, all run, one after the other.
# New inputs that reach new code collect in build/fuzz/corpus/TARGET and are used again by the next run.
# An input that breaks something is kept in build/fuzz/findings: copy it into tests/fuzz/corpus/TARGET
# together with the fix, and every test run replays it.
# Exit: 0 nothing found, 1 something found, 64 usage, 69 clang 19 is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  echo "fuzz.sh: $1 (usage: fuzz.sh SECONDS [TARGET...])" >&2
  exit 64
}

(($# > 0)) || usage "no time given"
[[ $1 =~ ^[1-9][0-9]{0,5}$ ]] || usage "'$1' is no number of seconds"
seconds=$1
shift
targets=("$@")
if ((${#targets[@]} == 0)); then
  for folder in tests/fuzz/corpus/*/; do
    targets+=("$(basename "$folder")")
  done
fi
for target in "${targets[@]}"; do
  [[ -f tests/fuzz/$target.cpp && -d tests/fuzz/corpus/$target ]] || usage "there is no target '$target'"
done
if ! command -v clang++-19 >/dev/null; then
  echo "fuzz.sh: clang++-19 is not installed; scripts/setup.sh --full installs it" >&2
  exit 69
fi

scripts/build.sh fuzz --target "${targets[@]/#/uds_fuzz_}"
export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
mkdir -p build/fuzz/findings
found=()
for target in "${targets[@]}"; do
  printf '\n==== %s for %d s\n' "$target" "$seconds"
  mkdir -p "build/fuzz/corpus/$target"
  build/fuzz/tests/fuzz/uds_fuzz_"$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -max_len=8192 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$target-" \
    "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" || found+=("$target")
done

if ((${#found[@]} > 0)); then
  printf '\nSomething was found in: %s. The inputs are in build/fuzz/findings.\n' "${found[*]}"
  exit 1
fi
printf '\nNothing was found.\n'

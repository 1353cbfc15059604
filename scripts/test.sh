#!/usr/bin/env bash
# Builds uds and runs every test: plain, and under AddressSanitizer with UndefinedBehaviorSanitizer.
#
#   scripts/test.sh [--full] [--yes]
#
# --full adds the Debian packages, judged by lintian, and a booted systemd that they are installed
# into, clang 19 with its sanitizers, ThreadSanitizer, and the checks by shellcheck, clang-tidy and
# clang-format.
# --yes installs missing packages without asking. A phase that fails does not stop the others; the
# summary lists all.
# With UDS_REQUIRE_ALL=1 in the environment a test that would skip fails instead.
# Exit: 0 all passed, 1 something failed, 64 usage, 69 and 77 as setup.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

full=no
setup_arguments=()
for argument in "$@"; do
  case $argument in
    --full) full=yes ;;
    --yes) setup_arguments+=(--yes) ;;
    *)
      echo "test.sh: unknown argument '$argument' (usage: test.sh [--full] [--yes])" >&2
      exit 64
      ;;
  esac
done
export UDS_REQUIRE_ALL=${UDS_REQUIRE_ALL:-0}
# Some tests take samples of what a full run tries whole.
if [[ $full == yes ]]; then export UDS_FULL=1; fi

summary=()
skips=()
failed=no

# phase NAME COMMAND...: runs it under a heading and notes how it ended and how long it took.
phase() {
  local name=$1 begin=$SECONDS result=passed
  shift
  printf '\n==== %s\n' "$name"
  if ! "$@"; then
    result=FAILED
    failed=yes
  fi
  printf '==== %s: %s after %d s\n' "$name" "$result" $((SECONDS - begin))
  summary+=("$(printf '%-7s %5d s  %s' "$result" $((SECONDS - begin)) "$name")")
  [[ $result == passed ]]
}

not_run() {
  summary+=("$(printf '%-7s %5s    %s' 'not run' '' "$1")")
}

# Notes which tests of PRESET were skipped, as the log of its last run tells.
note_skips() {
  local preset=$1 line log=build/$1/Testing/Temporary/LastTest.log
  [[ -f $log ]] || return 0
  while IFS= read -r line; do
    skips+=("$preset: $line")
  done < <(grep -aE '^(\[  SKIPPED \] [A-Za-z0-9_/]+\.[A-Za-z0-9_/]+ \(|skipped, this test needs: )' "$log" | sort -u)
}

run_ctest() {
  local preset=$1 runner=()
  # GCC 12's ThreadSanitizer cannot map its shadow where the kernel randomises addresses too widely.
  if [[ $preset == tsan ]] && setarch "$(uname -m)" --addr-no-randomize true 2>/dev/null; then
    runner=(setarch "$(uname -m)" --addr-no-randomize)
  fi
  local selection=()
  [[ $full == yes ]] || selection=(--label-exclude system)
  "${runner[@]}" ctest --preset "$preset" "${selection[@]}"
}

# needs TOOL NAME: whether TOOL is there; if not, phase NAME is noted as not run.
needs() {
  command -v "$1" >/dev/null && return 0
  not_run "$2 ($1 is not installed)"
  return 1
}

build_and_test() {
  local preset=$1 what=$2
  if phase "$what: build" scripts/build.sh "$preset"; then
    phase "$what: tests" run_ctest "$preset" || true
    note_skips "$preset"
  else
    not_run "$what: tests"
  fi
}

sources() {
  find bench common daemon cli docs tests debian/tests -name '*.cpp' -o -name '*.hpp' | sort
}

check_format() {
  sources | xargs clang-format-19 --dry-run --Werror
}

check_shell() {
  shellcheck --external-sources .ci/run scripts/*.sh debian/tests/daemon debian/tests/library* debian/udsd.postrm \
    cli/completion/udsctl.bash docs/examples/clients/client.sh
}

check_tidy() {
  local report status=0
  report=$(mktemp)
  run-clang-tidy-19 -quiet -p build/clang "^$PWD/build/clang/(common|daemon|cli|docs)/" >"$report" 2>/dev/null || status=$?
  # Only the findings: the command lines between them are many thousand characters each.
  grep -vE '^(clang-tidy-19|\[ *[0-9]+/[0-9]+\]|Enabled checks|    |[0-9]+ warnings|$)' "$report" || true
  rm -f "$report"
  return "$status"
}

if [[ $full == yes ]]; then
  scripts/setup.sh --full "${setup_arguments[@]}"
else
  scripts/setup.sh --tests "${setup_arguments[@]}"
fi

# First, since the booted systemd of the next phase installs them.
if [[ $full == yes ]] && needs lintian "Debian packages"; then
  phase "Debian packages" scripts/package.sh "${setup_arguments[@]}" || true
fi
build_and_test dev "GCC"
build_and_test asan "GCC, ASan and UBSan"
if [[ $full == yes ]]; then
  if needs clang-format-19 "clang-format 19"; then phase "clang-format 19" check_format || true; fi
  if needs shellcheck shellcheck; then phase "shellcheck" check_shell || true; fi
  if needs clang++-19 "clang 19"; then build_and_test clang "clang 19, ASan and UBSan"; fi
  # clang-tidy reads the compile commands and the joined sources of the clang build.
  if needs run-clang-tidy-19 "clang-tidy 19"; then
    if [[ -f build/clang/compile_commands.json ]]; then
      phase "clang-tidy 19" check_tidy || true
    else
      not_run "clang-tidy 19 (there is no clang build)"
    fi
  fi
  build_and_test tsan "GCC, TSan"
else
  not_run "Debian packages, booted systemd, clang 19, TSan, clang-tidy, clang-format, shellcheck (test.sh --full runs them)"
fi

printf '\n==== Summary (%d s in all)\n' "$SECONDS"
printf '%s\n' "${summary[@]}"
if ((${#skips[@]} > 0)); then
  printf 'Skipped on this machine:\n'
  printf '  %s\n' "${skips[@]}"
else
  printf 'No test was skipped.\n'
fi
[[ $failed == no ]]

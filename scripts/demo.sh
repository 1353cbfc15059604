#!/usr/bin/env bash
# From a fresh clone to a streamed countdown: installs what is missing, builds, and shows udsd and
# udsctl at work.
#
#   scripts/demo.sh [--yes] [--keep]
#
# udsd runs on a private socket in a temporary directory and is stopped at the end, whatever
# happens. --keep leaves it running and says how to talk to it and how to stop it. --yes installs
# packages without asking.
# Touches nothing outside build/ and that directory, except for the packages that setup.sh lists first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

keep=no
setup_arguments=()
for argument in "$@"; do
  case $argument in
    --keep) keep=yes ;;
    --help | -h)
      echo "usage: demo.sh [--yes] [--keep]; the head of this file says more"
      exit 0
      ;;
    --yes) setup_arguments+=(--yes) ;;
    *)
      echo "demo.sh: unknown argument '$argument' (usage: demo.sh [--yes] [--keep])" >&2
      exit 64
      ;;
  esac
done

scripts/setup.sh "${setup_arguments[@]}"
scripts/build.sh release --target udsd udsctl
udsd=$PWD/build/release/daemon/udsd
udsctl=$PWD/build/release/cli/udsctl

directory=$(mktemp -d "${TMPDIR:-/tmp}/uds-demo.XXXXXX")
socket=$directory/uds.sock
daemon=
clean_up() {
  local status=$?
  trap - EXIT
  if [[ -n $daemon ]]; then
    kill -TERM "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
  fi
  rm -rf "$directory"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Prints a command as one would type it, with the program's bare name, then runs it.
show() {
  local program=$1 word
  shift
  printf '\n$ %s' "$(basename "$program")"
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=-]+$ ]]; then
      printf ' %s' "$word"
    else
      printf " '%s'" "$word"
    fi
  done
  printf '\n'
  "$program" "$@"
}

printf '\n$ udsd --socket %s &\n' "$socket"
# A session of its own, so that --keep survives the end of this terminal; the log goes to a file.
setsid "$udsd" --socket "$socket" </dev/null >"$directory/udsd.log" 2>&1 &
daemon=$!
for ((attempt = 0; attempt < 100; attempt++)); do
  if "$udsctl" --socket "$socket" ping >/dev/null 2>&1; then break; fi
  if ! kill -0 "$daemon" 2>/dev/null; then break; fi
  sleep 0.1
done
if ! "$udsctl" --socket "$socket" ping >/dev/null; then
  echo "demo.sh: udsd did not start; it said:" >&2
  cat "$directory/udsd.log" >&2
  exit 70
fi

export UDS_SOCKET=$socket
printf '\n$ export UDS_SOCKET=%s\n' "$socket"
show "$udsctl" ping
show "$udsctl" list
show "$udsctl" send '{"cmd":"countdown","args":{"from":5,"interval_ms":300}}'

status=0
show "$udsctl" send '{"cmd":"countdwon"}' || status=$?
if ((status != 2)); then
  echo "demo.sh: udsctl should have ended with status 2 (the daemon answered ERROR), not $status" >&2
  exit 70
fi
printf '(exit status 2: the daemon answered ERROR)\n'

if [[ $keep == yes ]]; then
  pid=$daemon
  daemon=
  trap - EXIT
  cat <<TEXT

udsd is still running (pid $pid). Talk to it:
  export UDS_SOCKET=$socket PATH=$(dirname "$udsctl"):\$PATH
  udsctl list
  udsctl call countdown --from 5
  udsctl top
Its log:
  $directory/udsd.log
Stop it and remove its directory:
  kill $pid; rm -rf $directory
TEXT
  exit 0
fi

printf '\n$ kill -TERM %s\n' "$daemon"
kill -TERM "$daemon"
status=0
wait "$daemon" || status=$?
daemon=
if ((status != 0)); then
  echo "demo.sh: udsd should have stopped with status 0, not $status; it said:" >&2
  cat "$directory/udsd.log" >&2
  exit 70
fi
printf '(udsd has stopped)\n\n'
printf 'To go on by yourself: scripts/demo.sh --keep leaves udsd running. Next: docs/udsctl.md\n'

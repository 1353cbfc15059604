#!/usr/bin/env bash
# From a fresh clone to a command that others may run: installs what is missing, builds, declares a
# backup, runs it, kills who watches it and udsd too, and finds the run again with its true status.
#
#   scripts/demo.sh [--yes] [--keep]
#
# udsd runs on a private socket in a temporary directory and is stopped at the end, whatever
# happens. Started by root it shows two more users: daemon, who may run the backup, and games, who
# may not. Each step is checked; one that does not show what it should ends this with status 70.
# --keep leaves udsd running and says how to talk to it and how to stop it. --yes installs packages
# without asking. With UDS_BUILD=DIRECTORY in the environment nothing is installed or built, and
# the programs are those of that build.
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

if [[ -n ${UDS_BUILD:-} ]]; then
  build=$(realpath "$UDS_BUILD")
else
  scripts/setup.sh "${setup_arguments[@]}"
  scripts/build.sh release --target udsd udsd-exec udsctl
  build=$PWD/build/release
fi
udsd=$build/daemon/udsd
udsctl=$build/cli/udsctl

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

fail() {
  echo "demo.sh: $1; udsd said:" >&2
  cat "$directory/udsd.log" >&2
  exit 70
}

# become [USER]: whose the next commands are; only root can be somebody else.
user=
as=()
become() {
  user=${1:-}
  as=()
  if [[ -n $user ]]; then
    as=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --)
  fi
}

# show STATUS COMMAND...: prints a command as one would type it, with the program's bare name, runs
# it, and sees that it ends with STATUS.
show() {
  local expected=$1 program=$2 word status=0
  shift 2
  printf '\n%s$ %s' "$user" "$(basename "$program")"
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=-]+$ ]]; then
      printf ' %s' "$word"
    else
      printf " '%s'" "$word"
    fi
  done
  printf '\n'
  "${as[@]}" "$program" "$@" || status=$?
  ((status == expected)) || fail "the status should have been $expected, not $status"
  if ((status != 0)); then printf '(exit status %s)\n' "$status"; fi
}

# has TEXT COMMAND...: what the command prints has TEXT in it.
has() {
  local text=$1 printed
  shift
  printed=$("${as[@]}" "$@" 2>&1) || true
  [[ $printed == *"$text"* ]] || fail "'$text' should be in what $* prints, which is: $printed"
}

start_udsd() {
  printf '\n$ udsd'
  printf ' %s' "${options[@]}"
  printf ' &\n'
  # A session of its own, so that --keep survives the end of this terminal; the log goes to a file.
  setsid "$udsd" "${options[@]}" </dev/null >>"$directory/udsd.log" 2>&1 &
  daemon=$!
  for ((attempt = 0; attempt < 100; attempt++)); do
    if "$udsctl" --socket "$socket" ping >/dev/null 2>&1; then return; fi
    if ! kill -0 "$daemon" 2>/dev/null; then break; fi
    sleep 0.1
  done
  fail 'udsd did not start'
}

# kill_now PID: without a chance to do anything.
kill_now() {
  kill -KILL "$1"
  wait "$1" 2>/dev/null || true
}

# What anybody could have written: six lines of output, six of progress, and a status that says more
# than yes or no.
cat >"$directory/site-backup" <<'PROGRAM'
#!/bin/sh
for n in 1 2 3 4 5 6; do
  echo "saved page-$n.html"
  printf '{"current":%d,"total":6,"unit":"pages"}\n' "$n" >&"$UDS_PROGRESS_FD"
  sleep 0.5
done
echo 'page-4.html changed while it was read' >&2
exit 3
PROGRAM
chmod 755 "$directory" "$directory/site-backup"
mkdir -m 755 "$directory/commands"
: >"$directory/udsd.toml"
options=(--user --socket "$socket" --config "$directory/udsd.toml" --state-dir "$directory/state"
  --commands-dir "$directory/commands")
allowed=$(id -un)
if ((EUID == 0)); then
  allowed=daemon
  options+=(--mode 0666)
  # Others may not be able to look into the directory of the build.
  cp "$udsctl" "$directory/udsctl"
  udsctl=$directory/udsctl
fi

declaration=$directory/commands/site.toml
cat >"$declaration" <<TOML
[command."site.backup"]
summary = "Save the pages of the site"
exec = ["$directory/site-backup"]
allow = { users = ["$allowed"] }
watch = { users = ["games"] }
timeout = "10m"
on_disconnect = "detach"
TOML
chmod 644 "$declaration"
show 0 cat "$declaration"

start_udsd
export UDS_SOCKET=$socket
printf '\n$ export UDS_SOCKET=%s\n' "$socket"
show 0 "$udsctl" ping
show 0 "$udsctl" send '{"cmd":"countdown","args":{"from":3,"interval_ms":300}}'
show 2 "$udsctl" send '{"cmd":"countdwon"}'

pages=$(printf 'saved page-%d.html\n' 1 2 3 4 5 6)
if ((EUID == 0)); then become "$allowed"; fi
show 0 "$udsctl" list
has '"name":"site.backup"' "$udsctl" --json list
show 3 "$udsctl" run site.backup
run=$("${as[@]}" "$udsctl" --field /data/runs/0/run runs)
[[ $("${as[@]}" "$udsctl" attach "$run" 2>/dev/null) == "$pages" ]] || fail 'there should be six pages'

if ((EUID == 0)); then
  become games
  show 1 "$udsctl" can-i site.backup
  show 77 "$udsctl" send '{"cmd":"site.backup"}'
  has '"rule":"needs user daemon"' "$udsctl" --json send '{"cmd":"site.backup"}'
  become
fi
show 1 "$udsd" "${options[@]}" --check-config --as games site.backup
has "games may not run site.backup: needs user $allowed" \
  "$udsd" "${options[@]}" --check-config --as games site.backup

if ((EUID == 0)); then become "$allowed"; fi
events=$directory/events.ndjson
printf '\n%s$ udsctl call site.backup >events.ndjson &\n' "$user"
"${as[@]}" "$udsctl" call site.backup >"$events" &
client=$!
for ((attempt = 0; attempt < 100; attempt++)); do
  if grep -q 'saved page-2' "$events"; then break; fi
  sleep 0.1
done
printf '\n$ kill -9 %s %s    # udsctl and udsd\n' "$client" "$daemon"
kill_now "$client"
kill_now "$daemon"
daemon=
show 0 cat "$events"
run=$(grep -om1 '"run":"[0-9a-f]*"' "$events" | cut -d'"' -f4)
seen=$(grep -o '"event":[0-9]*' "$events" | tail -n 1 | cut -d: -f2)
[[ -n $run && -n $seen ]] || fail 'there should be a run, and events of it'
grep -q 'saved page-2' "$events" || fail 'there should be two pages by now'
grep -q '"progress":{"current":1,"total":6,"unit":"pages"}' "$events" || fail 'there should be progress'

start_udsd
show 0 "$udsctl" runs
has "$run" "$udsctl" --json runs
show 3 "$udsctl" attach "$run" --from $((seen + 1))
[[ $("${as[@]}" "$udsctl" attach "$run" 2>/dev/null) == "$pages" ]] ||
  fail 'there should be six pages, and each once'
show 0 "$udsctl" audit --run "$run"
has '"records":2' "$udsctl" --json audit --run "$run"
has '"exit":3' "$udsctl" --json audit --run "$run"
become

if [[ $keep == yes ]]; then
  pid=$daemon
  daemon=
  trap - EXIT
  cat <<TEXT

udsd is still running (pid $pid). Talk to it:
  export UDS_SOCKET=$socket PATH=$(dirname "$udsctl"):\$PATH
  udsctl list
  udsctl runs
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
printf 'To go on by yourself: scripts/demo.sh --keep leaves udsd running. Next: docs/commands.md\n'

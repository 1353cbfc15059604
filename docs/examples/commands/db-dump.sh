#!/bin/bash
# db-dump.sh DATABASE: the program of db-dump.toml. The dump goes to standard output. For each table there is a line of
# progress on the descriptor that UDS_PROGRESS_FD names, made of what pg_dump says; the rest of that goes to standard
# error.
set -euo pipefail

tables=$(psql --no-psqlrc --tuples-only --no-align --dbname="$1" \
  --command="SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")

report() {
  local done=0 line
  while IFS= read -r line; do
    if [[ $line == *"dumping contents of table "* && -n ${UDS_PROGRESS_FD:-} ]]; then
      done=$((done + 1))
      printf '{"current":%d,"total":%d,"unit":"tables"}\n' "$done" "$tables" >&"$UDS_PROGRESS_FD"
    else
      printf '%s\n' "$line" >&2
    fi
  done
}

exec {dump}>&1
pg_dump --verbose --dbname="$1" 2>&1 >&"$dump" | report

#!/bin/sh
# backup.sh DIRECTORY: the program of backup.toml. Writes an archive to BACKUP_TO (env of the declaration), or to
# /var/backups/uds. It appears there only when it is whole.
set -eu
to=${BACKUP_TO:-/var/backups/uds}
archive=$to/$(date -u +%Y%m%dT%H%M%SZ)-$UDS_RUN_ID.tar.gz

mkdir -p "$to"
trap 'rm -f "$archive.part"' EXIT
tar --create --gzip --file="$archive.part" --directory="$1" .
mv "$archive.part" "$archive"
echo "wrote $archive"

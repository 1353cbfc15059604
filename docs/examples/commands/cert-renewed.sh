#!/bin/sh
# cert-renewed.sh DOMAIN: the program of cert-renewed.toml. Copies what the ACME client has fetched to where the web
# server reads it, and reloads the web server. CERT_FROM and CERT_TO (env of the declaration) name other directories.
set -eu
from=${CERT_FROM:-/var/lib/acme}/$1
to=${CERT_TO:-/etc/ssl/uds}/$1

mkdir -p "$to"
for file in fullchain.pem privkey.pem; do
  install -m 0600 "$from/$file" "$to/.$file.new"
done
for file in fullchain.pem privkey.pem; do
  mv "$to/.$file.new" "$to/$file"
done
echo "installed the certificate of $1"
if command -v systemctl >/dev/null && systemctl is-active --quiet nginx.service; then
  systemctl reload nginx.service
  echo "reloaded nginx.service"
fi

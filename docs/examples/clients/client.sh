#!/bin/sh
# client.sh COMMAND [ARGS-JSON [SOCKET]]: sends one request to a uds server and prints what comes back.
#
# Exit status: 0 OK, 2 ERROR, 76 no final response (the outcome is unknown), 1 anything else.

silence=30 # seconds without a byte after which socat gives up

if [ $# -lt 1 ] || [ $# -gt 3 ]; then
  echo 'usage: client.sh COMMAND [ARGS-JSON [SOCKET]]' >&2
  exit 1
fi
args=${2-'{}'}
socket=${3:-${UDS_SOCKET:-/run/uds/uds.sock}}

request=$(jq -cn --arg cmd "$1" --argjson args "$args" '{id: 1, $cmd, $args}') || exit 1

printf '%s\n' "$request" |
  socat -t "$silence" - "UNIX-CONNECT:$socket,cool-write" |
  jq -nr --unbuffered '
    ( try inputs catch empty # the connection ended within a response
      | select(.id == 1 or .id == null) # null: the server refused before it had read the id
      | if .status == "PROCESSING" then .message
        elif .status == "OK" then (if has("data") then .data | tojson else .message end), halt
        else "\(.error.code): \(.message)\n" | halt_error(2) end
    ), ("client.sh: no final response, the outcome is unknown\n" | halt_error(76))'

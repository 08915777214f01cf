#!/bin/sh
# chat_client.sh PROGRAM: without words it says what it wants. What it does with them is in chat_server.sh.
set -u
status=0
printed=$("$1" 2>&1 </dev/null) || status=$?
[ $status -eq 2 ] && [ "$printed" = 'chat_client [--tls DIR] ENDPOINT NAME' ] && exit 0
echo "exit code $status:"
echo "$printed"
exit 1

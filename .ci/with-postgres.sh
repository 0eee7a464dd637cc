#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own, in a temporary folder on a free port of the loopback.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
bin=${bin:-$(dirname "$(command -v initdb || true)")}
[ -x "$bin/initdb" ] || { echo "the full tests need PostgreSQL: run .ci/servers.sh" >&2; exit 1; }
folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null || echo $((20000 + RANDOM % 20000)))

# PostgreSQL refuses to run as root.
as_server() {
	if [ "$(id -u)" -eq 0 ]; then su postgres -s /bin/bash -c "$1"; else bash -c "$1"; fi
}
if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
cleanup() {
	as_server "$bin/pg_ctl -D $folder/data -m immediate stop" >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap cleanup EXIT
as_server "$bin/initdb -D $folder/data -U postgres --auth=trust -E UTF8 --locale=C.UTF-8" >"$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
as_server "$bin/pg_ctl -D $folder/data -l $folder/data/log -w -o '-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=' start" >/dev/null
rm -f "$folder.log"
XIAOYUE_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable" "$@"

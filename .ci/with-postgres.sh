#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own that has pgvector, in a temporary folder on a free port of the
# loopback. Where it is, the command reads in XIAOYUE_TEST_POSTGRES; tests that start servers of their own find
# the programs in XIAOYUE_TEST_POSTGRES_BIN and the user to run them as, where they may not run as root, in
# XIAOYUE_TEST_POSTGRES_USER. The server ends with the command.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=pgvector.env
. "$here/pgvector.env"

[ -e "$pgvector" ] || { echo "the full tests need PostgreSQL with pgvector: run .ci/pgvector.sh" >&2; exit 1; }
folder=$(mktemp -d)
command=
bin=$pgvector/postgres/18/bin

# PostgreSQL refuses to run as root, and nobody else can look into the folder of root that holds the cache.
as_server() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
	user=nobody
	as_server() { setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"; }
	cp -alT "$pgvector" "$folder/programs" 2>/dev/null || cp -aT "$pgvector" "$folder/programs" # on another file system
	bin=$folder/programs/postgres/18/bin
	chown "$user" "$folder"
	export XIAOYUE_TEST_POSTGRES_USER=$user
fi

cleanup() {
	trap - EXIT INT TERM
	[ -z "$command" ] || kill -- "-$command" 2>/dev/null || true # go test and the tests that it runs
	as_server "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 143' INT TERM

port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
options+=" -c shared_buffers=512MB -c maintenance_work_mem=512MB"
cd "$folder" # which the server's user may enter
as_server "$bin/initdb" -D "$folder/data" -U postgres --auth=trust -E UTF8 --locale=C.UTF-8 >"$folder/log" 2>&1 ||
	{ cat "$folder/log" >&2; exit 1; }
as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w -o "$options" start >/dev/null ||
	{ cat "$folder/data/log" >&2; exit 1; }
cd - >/dev/null

export XIAOYUE_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable"
export XIAOYUE_TEST_POSTGRES_BIN=$bin
setsid "$@" &
command=$!
wait "$command"

#!/usr/bin/env bash
# Runs a command with Milvus servers of its own, in a temporary folder: the standalone server, and the engine
# of milvus-lite, which has the sparse vectors that the other lacks. Where they are, the command reads in
# XIAOYUE_TEST_MILVUS and XIAOYUE_TEST_MILVUS_LITE; XIAOYUE_TEST_MILVUS_BIN starts another server, for tests
# that kill it. They end with the command.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=milvus.env
. "$here/milvus.env"

for file in "$milvus" "$milvus_lite"; do
	[ -e "$file" ] || { echo "the full tests need Milvus servers, ${file##*/} is missing: run .ci/milvus.sh" >&2; exit 1; }
done
folder=$(mktemp -d)
servers_started=()
command=

cleanup() {
	trap - EXIT INT TERM
	[ -z "$command" ] || kill -- "-$command" 2>/dev/null || true
	local server
	for server in "${servers_started[@]}"; do kill -KILL -- "-$server" 2>/dev/null || true; done
	for server in "${servers_started[@]}"; do wait "$server" 2>/dev/null || true; done
	rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 143' INT TERM

# start LOG COMMAND…: a server in a process group of its own, whose number is its pid.
start() {
	local log=$folder/$1.log
	shift
	setsid "$@" >"$log" 2>&1 </dev/null &
	servers_started+=("$!")
}

# await LOG COMMAND…: until the command succeeds, for two minutes while the last started server lives.
await() {
	local log=$folder/$1.log deadline=$((SECONDS + 120))
	shift
	until "$@" >/dev/null 2>&1; do
		if ! kill -0 "${servers_started[-1]}" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
			echo "a Milvus server of the tests does not start; its log ends:" >&2
			tail -n 20 "$log" >&2
			exit 1
		fi
		sleep .1
	done
}

healthy() { [ -s "$folder/milvus/metrics" ] && [ "$(curl -fs "http://127.0.0.1:$(cat "$folder/milvus/metrics")/healthz")" = OK ]; }
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
start lite env LD_LIBRARY_PATH="$milvus_lite/lib" "$milvus_lite/lib/milvus" "$folder/lite.db" "127.0.0.1:$port" ERROR
await lite listens "$port"
start milvus "$here/milvus-server.sh" "$folder/milvus"
await milvus healthy

XIAOYUE_TEST_MILVUS=127.0.0.1:$(cat "$folder/milvus/port")
export XIAOYUE_TEST_MILVUS XIAOYUE_TEST_MILVUS_LITE=127.0.0.1:$port XIAOYUE_TEST_MILVUS_BIN=$here/milvus-server.sh

setsid "$@" &
command=$!
wait "$command"

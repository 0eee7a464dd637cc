#!/usr/bin/env bash
# Runs a command with model servers of its own, on free ports of the loopback: Ollama with the models
# smollm2:135m and bge-small-zh, and two llama.cpp servers, OpenAI-compatible, with the same two. Where they
# are, the command reads in XIAOYUE_TEST_OLLAMA… and XIAOYUE_TEST_OPENAI…. They end with the command.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=models.env
. "$here/models.env"

for file in "$ollama/ollama" "$llama" "$smollm2" "$bge"; do
	[ -e "$file" ] || { echo "the full tests need model servers, ${file##*/} is missing: run .ci/models.sh" >&2; exit 1; }
done
folder=$(mktemp -d)
groups=()
command=

cleanup() {
	trap - EXIT INT TERM
	[ -z "$command" ] || kill -- "-$command" 2>/dev/null || true # go test and the tests that it runs
	local group
	for group in "${groups[@]}"; do kill -- "-$group" 2>/dev/null || true; done
	for group in "${groups[@]}"; do
		timeout 5 tail --pid "$group" -f /dev/null || true
		kill -KILL -- "-$group" 2>/dev/null || true # the group's head, or what it left behind
	done
	rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 143' INT TERM

# start LOG COMMAND…: a server in a process group of its own, whose number is its pid.
start() {
	local log=$folder/$1.log
	shift
	setsid "$@" >"$log" 2>&1 </dev/null &
	groups+=("$!")
}

# await LOG COMMAND…: until the command succeeds, for a minute while the last started server lives.
await() {
	local log=$folder/$1.log deadline=$((SECONDS + 60))
	shift
	until "$@" >/dev/null 2>&1; do
		if ! kill -0 "${groups[-1]}" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
			echo "a model server of the tests does not start; its log ends:" >&2
			tail -n 20 "$log" >&2
			exit 1
		fi
		sleep .1
	done
}

read -r ollama_port chat_port embed_port < <(python3 -c '
import socket
s = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(x.getsockname()[1] for x in s))')

# Ollama keeps a key in HOME. One thread for each request, in the Modelfiles: two cores serve tests as well.
mkdir "$folder/home" "$folder/models"
ollama_env=(HOME="$folder/home" OLLAMA_HOST="127.0.0.1:$ollama_port" OLLAMA_MODELS="$folder/models"
	OLLAMA_NUM_PARALLEL=2 OLLAMA_CONTEXT_LENGTH=2048 OLLAMA_KEEP_ALIVE=30m OLLAMA_NOHISTORY=1)
start ollama env "${ollama_env[@]}" "$ollama/ollama" serve
await ollama env "${ollama_env[@]}" "$ollama/ollama" list
for pair in "smollm2:135m=$smollm2" "bge-small-zh=$bge"; do
	name=${pair%%=*}
	{ echo "FROM ${pair#*=}"; cat "$here/${name%:*}.Modelfile"; } >"$folder/Modelfile"
	env "${ollama_env[@]}" "$ollama/ollama" create "$name" -f "$folder/Modelfile" >"$folder/create.log" 2>&1 ||
		{ cat "$folder/create.log" >&2; exit 1; }
done
export PYTHONPATH=$llama
start chat python3 "$here/llama.py" chat "$smollm2" smollm2:135m "$chat_port"
await chat grep -q ^ready "$folder/chat.log"
start embed python3 "$here/llama.py" embed "$bge" bge-small-zh "$embed_port"
await embed grep -q ^ready "$folder/embed.log"
unset PYTHONPATH

export XIAOYUE_TEST_OLLAMA=http://127.0.0.1:$ollama_port
export XIAOYUE_TEST_OLLAMA_CHAT=smollm2:135m XIAOYUE_TEST_OLLAMA_EMBED=bge-small-zh
export XIAOYUE_TEST_OLLAMA_BIN=$ollama/ollama XIAOYUE_TEST_OLLAMA_MODELS=$folder/models
export XIAOYUE_TEST_OPENAI=http://127.0.0.1:$chat_port/v1 XIAOYUE_TEST_OPENAI_CHAT=smollm2:135m
export XIAOYUE_TEST_OPENAI_EMBEDDER=http://127.0.0.1:$embed_port/v1 XIAOYUE_TEST_OPENAI_EMBED=bge-small-zh

setsid "$@" &
command=$!
wait "$command"

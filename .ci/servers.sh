#!/usr/bin/env bash
# Installs by name what the full tests talk to and is not there yet.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v setpriv >/dev/null || missing+=(util-linux)
[ -e /usr/include/nlohmann/json.hpp ] || missing+=(nlohmann-json3-dev) # these three to build Ollama
[ -e /usr/include/stb/stb_image.h ] || missing+=(libstb-dev)
command -v g++ >/dev/null || missing+=(g++)
grep -qi 'cjk\|droid.*fallback' <<<"$(fc-list 2>/dev/null || true)" || missing+=(fontconfig fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
	echo "the full tests need ${missing[*]}: install them and run make test again" >&2
	exit 1
fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"

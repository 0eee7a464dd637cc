#!/usr/bin/env bash
# Becomes a Milvus server whose data lie in a folder: milvus-server.sh FOLDER. The first start chooses its
# ports, all on the loopback where Milvus lets one choose, and every later one listens there again; FOLDER/port
# holds the one for clients, FOLDER/metrics the one of /healthz. End it with kill -9: it takes minutes to end
# by itself, and loses nothing it acknowledged.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=milvus.env
. "$here/milvus.env"
[ -e "$milvus" ] || { echo "the full tests need Milvus: run .ci/milvus.sh" >&2; exit 1; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)

# configure writes the server's configuration: ports, folders, and what makes it lighter on a test machine.
# A time tick is how long a search waits for a write before it; the server's own is 200 ms. What is not yet
# sealed is compared whole: the index that the server makes of it in the meantime finds four of five.
configure() {
	python3 - "$milvus/config.yaml.template" "$folder" <<'PYTHON'
import re, socket, sys
template, folder = open(sys.argv[1], encoding="utf-8").read(), sys.argv[2]
names = ("root_coord proxy proxy_internal query_coord query_node index_coord index_node data_coord data_node"
         " metrics etcd etcd_peer").split()
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
ports = {n: s.getsockname()[1] for n, s in zip(names, sockets)}
values = {n + "_port": p for n, p in ports.items()}
values |= {"etcd_log_path": folder + "/etcd.log", "etcd_log_level": "warn", "etcd_data_dir": folder + "/etcd",
           "system_log_path": "", "local_storage_dir": folder + "/data", "rocksmq_data_dir": folder + "/rocksmq"}

def value(match):
    name, _, fallback = match.group(1).partition(":")
    return str(values.get(name.split("(")[0].strip(), fallback.strip()))

text = re.sub(r"\{\{(.*?)\}\}", value, template)
text = re.sub(r"(?m)^(  ip:)( #.*)?$", r"\1 127.0.0.1", text)
text = re.sub(r"(?m)^(  timeTickInterval:) 200\b", r"\1 20", text)
text = re.sub(r"(interimIndex:[^\n]*\n +enableIndex:) true", r"\1 false", text)
text = re.sub(r"(?m)^(  level:) info\b", r"\1 warn", text)
text = text.replace("\netcd:\n", f"\netcd:\n  config:\n    path: {folder}/etcd.yaml\n", 1)
open(folder + "/etcd.yaml", "w").write(f"""name: default
listen-client-urls: http://127.0.0.1:{ports['etcd']}
advertise-client-urls: http://127.0.0.1:{ports['etcd']}
listen-peer-urls: http://127.0.0.1:{ports['etcd_peer']}
initial-advertise-peer-urls: http://127.0.0.1:{ports['etcd_peer']}
initial-cluster: default=http://127.0.0.1:{ports['etcd_peer']}
""")
open(folder + "/configs/milvus.yaml", "w", encoding="utf-8").write(text)
open(folder + "/metrics", "w").write(str(ports["metrics"]))
open(folder + "/port", "w").write(str(ports["proxy"]))
PYTHON
}

if [ ! -e "$folder/port" ]; then
	mkdir -p "$folder/configs" "$folder/run" "$folder/data"
	cp "$milvus/glog.conf" "$folder/configs/"
	configure
fi
cd "$folder"
export DEPLOY_MODE=STANDALONE METRICS_PORT MILVUS_RUN_DIR=$folder/run LD_LIBRARY_PATH=$milvus/lib
METRICS_PORT=$(cat metrics)
exec "$milvus/lib/milvus" run standalone

#!/bin/sh
# kubernetes 37.0.1 (Python) reads two files of KUBECONFIG differently from kubectl:
#   * `current-context` stands in both: kubectl takes that of the first file, the client that of the last;
#   * a user's relative `client-certificate` in the second file belongs to that file's folder (kubectl); the
#     client looks for it in the folder of the file that has the cluster, and refuses the configuration.
# So one environment can lead the two to different clusters, and what kubectl opens may not load.
#
# Seen (first/config has the cluster and context `one`, second/config the user and context `two`):
#   current-context: two
#   ConfigException: File does not exist: .../first/cert.pem
# kubectl (client version 1.32.4), which is asked, too, where it is installed, answers `one`.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check kubernetes==37.0.1
mkdir "$folder/first" "$folder/second"
touch "$folder/second/cert.pem" "$folder/second/key.pem"
cat >"$folder/first/config" <<'END'
apiVersion: v1
kind: Config
current-context: one
clusters: [{name: here, cluster: {server: "https://127.0.0.1:6443"}}]
contexts: [{name: one, context: {cluster: here, user: anna}}]
END
cat >"$folder/second/config" <<'END'
apiVersion: v1
kind: Config
current-context: two
contexts: [{name: two, context: {cluster: here, user: anna}}]
users: [{name: anna, user: {client-certificate: cert.pem, client-key: key.pem}}]
END
cat >"$folder/ask.py" <<'END'
import sys

from kubernetes import config

files = sys.argv[1]
print("current-context:", config.list_kube_config_contexts(files)[1]["name"])
try:
    config.load_kube_config(files)
    print("loaded")
except config.ConfigException as error:
    print("ConfigException:", error)
END
files="$folder/first/config:$folder/second/config"
"$folder/venv/bin/python" "$folder/ask.py" "$files" | sed "s|$folder|...|" | tee "$folder/seen"
cat >"$folder/expected" <<'END'
current-context: two
ConfigException: File does not exist: .../first/cert.pem
END
diff "$folder/expected" "$folder/seen"
if command -v kubectl >/dev/null; then
    test "$(KUBECONFIG=$files kubectl config current-context 2>/dev/null)" = one
fi

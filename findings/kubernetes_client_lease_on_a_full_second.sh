#!/bin/sh
# The Python client of Kubernetes (36.0.2) writes the renewTime of a Lease with datetime.isoformat(),
# which leaves the fraction out where it is zero. Kubernetes' own type for that field (MicroTime of
# apimachinery, v0.37.2) reads exactly six digits and refuses the rest. So one renewal in a million is
# refused, and each one whose time was rounded to a second. It needs pip and Go.
#
# Seen:
#   2026-11-27T12:00:00.000001+00:00 accepted
#   2026-11-27T12:00:00+00:00 refused
set -eu
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check kubernetes==36.0.2
cat >"$folder/write.py" <<'END'
import json
from datetime import UTC, datetime

from kubernetes import client

for microsecond in (1, 0):
    time = datetime(2026, 11, 27, 12, 0, 0, microsecond, tzinfo=UTC)
    spec = client.V1LeaseSpec(renew_time=time)
    print(json.dumps(client.ApiClient().sanitize_for_serialization(spec)))
END
mkdir "$folder/read"
cat >"$folder/read/main.go" <<'END'
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	coordination "k8s.io/api/coordination/v1"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var written map[string]string
		var spec coordination.LeaseSpec
		if err := json.Unmarshal(lines.Bytes(), &written); err != nil {
			panic(err)
		}
		word := "accepted"
		if err := json.Unmarshal(lines.Bytes(), &spec); err != nil {
			word = "refused"
			fmt.Fprintln(os.Stderr, err)
		}
		fmt.Println(written["renewTime"], word)
	}
}
END
cd "$folder/read"
GOPATH="$folder/go"
export GOPATH
go mod init lease 2>/dev/null
go get k8s.io/api/coordination/v1@v0.37.2 2>"$folder/log" || { cat "$folder/log" >&2; exit 1; }
"$folder/venv/bin/python" "$folder/write.py" | go run . | tee "$folder/seen"
cat >"$folder/expected" <<'END'
2026-11-27T12:00:00.000001+00:00 accepted
2026-11-27T12:00:00+00:00 refused
END
diff "$folder/expected" "$folder/seen"

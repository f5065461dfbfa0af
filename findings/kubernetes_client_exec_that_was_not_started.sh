#!/bin/sh
# The Python client of Kubernetes (37.0.1) asks an exec for v5.channel.k8s.io. With that protocol an API server opens the
# stream before it asks the node, so what the node refuses (a container that has ended, a program that is not there)
# comes as a Status with the reason InternalError, not as an HTTP status. The client's `returncode` takes the first
# cause of each Status that is no success for an exit code, and raises ValueError; with the Status of v4, which has no causes,
# KeyError. The two Statuses are those of kube-apiserver 1.37.2; a small server sends them here. It needs pip alone.
#
# Seen:
#   v5: ValueError: invalid literal for int() with base 10
#   v4: KeyError: 'details'
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check kubernetes==37.0.1 aiohttp==3.14.5
cat >"$folder/ask.py" <<'END'
import asyncio
import json
import threading

from aiohttp import web
from kubernetes import client
from kubernetes.stream import stream

TEXT = 'Internal error occurred: error executing command in container: failed to exec in container: exec: "x": not found'
V4 = {"status": "Failure", "message": TEXT, "reason": "InternalError", "code": 500}
V5 = {
    "metadata": {},
    "status": "Failure",
    "message": f"Internal error occurred: {TEXT}",
    "reason": "InternalError",
    "details": {"causes": [{"message": TEXT}]},
    "code": 500,
}
STATUS = {"v5": V5, "v4": V4}


async def answer(request):
    version = request.match_info["version"]
    socket = web.WebSocketResponse(protocols=[f"{version}.channel.k8s.io"])
    await socket.prepare(request)
    await socket.send_bytes(b"\x03" + json.dumps(STATUS[version]).encode())
    await socket.close()
    return socket


async def serve(ready):
    application = web.Application()
    application.router.add_get("/{version}/api/v1/namespaces/n/pods/p/exec", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    ready.append(runner.addresses[0][1])
    await asyncio.sleep(60)


ports = []
threading.Thread(target=asyncio.run, args=(serve(ports),), daemon=True).start()
while not ports:
    pass
for version in STATUS:
    api = client.ApiClient(client.Configuration(host=f"http://127.0.0.1:{ports[0]}/{version}"))
    asked = client.CoreV1Api(api).connect_get_namespaced_pod_exec
    running = stream(asked, "p", "n", command=["x"], stdout=True, _preload_content=False)
    running.run_forever(timeout=20)
    try:
        print(f"{version}: {running.returncode}")
    except Exception as error:
        print(f"{version}: {type(error).__name__}: {str(error).partition(': ')[0]}")
END
"$folder/venv/bin/python" "$folder/ask.py" | tee "$folder/seen"
cat >"$folder/expected" <<'END'
v5: ValueError: invalid literal for int() with base 10
v4: KeyError: 'details'
END
diff "$folder/expected" "$folder/seen"

"""Debian's Chromium without a window, driven over its DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from limits import LIMIT
from moments import wait_for

OPTIONS = (
    "--headless=new", "--remote-debugging-port=0", "--remote-allow-origins=*", "--disable-gpu",
    # As root there is no other way, and what is opened is a file of ours.
    "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--force-color-profile=srgb",
)  # fmt: skip


def program() -> str:
    """Return the path of Chromium; without it a test is skipped, but not in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    reason = "there is no Chromium (Debian: apt-get install chromium)"
    if os.environ.get("TEST_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


class Page:
    """A tab, and what it has told so far."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=LIMIT)
        self._number = 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Network", "Log", "Runtime", "Accessibility"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while (found := self._next()).get("id") != self._number:
            pass
        assert "error" not in found, f"{method}: {found}"
        result: dict[str, Any] = found["result"]
        return result

    def open(self, file: Path, *, width: int, scheme: str = "light", media: str = "screen") -> None:
        """Open a file in a window of a width, and wait until it is there."""
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        wanted = [{"name": "prefers-color-scheme", "value": scheme}]
        self.ask("Emulation.setEmulatedMedia", media=media, features=wanted)
        self.events.clear()
        self.ask("Page.navigate", url=file.as_uri())
        while not self.told("Page.loadEventFired"):
            self._next()

    def told(self, name: str) -> list[dict[str, Any]]:
        """Return the events with a name, the oldest first."""
        return [event["params"] for event in self.events if event.get("method") == name]

    def value(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)[
            "result"
        ].get("value")

    def screenshot(self, *, height: int = 0) -> bytes:
        """Return a PNG of the page, the whole of it or so much from its top."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]}
        found = self.ask(
            "Page.captureScreenshot", captureBeyondViewport=True, clip={**clip, "scale": 1}
        )
        return base64.b64decode(found["data"])

    def pdf(self) -> bytes:
        """Return what is printed on paper."""
        self.ask("Emulation.setEmulatedMedia", media="print")
        return base64.b64decode(self.ask("Page.printToPDF", printBackground=True)["data"])

    def elements(self) -> list[dict[str, Any]]:
        """Return what those are told who do not see the page: role, name, description."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        return [
            {key: node.get(key, {}).get("value", "") for key in ("role", "name", "description")}
            for node in nodes
            if not node["ignored"]
        ]

    def _next(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._socket.recv())
        if "method" in found:
            self.events.append(found)
        return found

    def close(self) -> None:
        self._socket.close()


@contextmanager
def browser(directory: Path) -> Iterator[Page]:
    """Start a browser with a profile of its own, and give its page."""
    profile = directory / "chromium"
    process = subprocess.Popen(
        [program(), *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(directory)},
    )
    try:
        port = profile / "DevToolsActivePort"

        def is_up() -> bool:
            assert process.poll() is None, f"Chromium has ended with {process.returncode}"
            return port.exists() and len(port.read_text().splitlines()) > 1

        wait_for(is_up)
        number = port.read_text().splitlines()[0]
        made = requests.put(f"http://127.0.0.1:{number}/json/new?about:blank", timeout=LIMIT)
        page = Page(made.json()["webSocketDebuggerUrl"])
        try:
            yield page
        finally:
            page.close()
    finally:
        process.terminate()
        process.wait(LIMIT)

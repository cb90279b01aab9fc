"""A real browser, for tests and pictures: Chromium without a window, over its protocol."""

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from websocket import create_connection

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-allow-origins=*",
    "--remote-debugging-port=0",
]
SECONDS = 60
# Keys that write nothing, and the numbers by which a browser knows them.
SILENT = ("Tab", "Escape", "ArrowDown", "ArrowUp")
CODES = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40}


def chromium() -> str | None:
    """Return the path of a Chromium, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of a browser, and all that it reported since it was opened."""

    def __init__(self, address: str):
        self._socket = create_connection(address, timeout=SECONDS)
        self._number = 0
        self.events: list[dict] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScrollbarsHidden", hidden=True)

    def call(self, method: str, **params) -> dict:
        """Call a method of the DevTools protocol and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        self._socket.send(json.dumps(message))
        while True:
            told = json.loads(self._socket.recv())
            if told.get("id") == self._number:
                return told.get("result", {})
            self.events.append(told)

    def open(self, url: str, width: int, dark: bool = False, height: int = 800) -> None:
        """Show a page in a window of that size (pixels), and wait until it has loaded."""
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=url)
        self._wait_for_the_page()

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, in pixels; the page stays."""
        size = {"width": width, "height": height}
        size |= {"deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def follow(self, expression: str) -> None:
        """Do what leads to another page, and wait until that has loaded."""
        self.events.clear()
        self.value(expression)
        self._wait_for_the_page()

    def _wait_for_the_page(self) -> None:
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(json.loads(self._socket.recv()))

    def value(self, expression: str):
        """Return the value of a JavaScript expression on the page."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return told.get("result", {}).get("value")  # none while the page changes

    def until(self, expression: str):
        """Wait until a JavaScript expression is true, and return its value.

        Raises TimeoutError with the expression, when that does not come to pass.
        """
        deadline = time.monotonic() + SECONDS
        while not (found := self.value(expression)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"never true on the page: {expression}")
            time.sleep(0.02)
        return found

    def press(self, key: str) -> None:
        """Press a key and let it go: a letter, or a name such as Tab and Escape."""
        one = {"key": key, "code": key, "windowsVirtualKeyCode": CODES.get(key, 0)}
        text = {"text": "\r" if key == "Enter" else key} if key not in SILENT else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **one, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **one)

    def wish(self, **features: str) -> None:
        """Have the page think that its reader prefers something.

        ``wish(prefers_contrast="more")``; the other wishes are taken back.
        """
        told = [
            {"name": name.replace("_", "-"), "value": value}
            for name, value in features.items()
        ]
        self.call("Emulation.setEmulatedMedia", features=told)

    def picture(self) -> bytes:
        """Return what the window shows, as a PNG."""
        told = self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(told["data"])

    def complaints(self) -> list[str]:
        """Return what the console says about the page that is open."""
        wanted = ("Log.entryAdded", "Runtime.exceptionThrown")
        found = [e["params"] for e in self.events if e["method"] in wanted]
        # Every browser asks for an icon; lesson 10 brings one.
        return [text for text in map(json.dumps, found) if "/favicon.ico" not in text]

    def asked(self) -> list[str]:
        """Return the addresses that the page has asked for."""
        wanted = "Network.requestWillBeSent"
        found = [e["params"] for e in self.events if e["method"] == wanted]
        return [params["request"]["url"] for params in found]


@contextlib.contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """Run a browser with an empty profile, and more flags, while the block lasts."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [chromium(), *FLAGS, *flags]
        command += [f"--user-data-dir={profile}", "about:blank"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, **quiet)
        try:
            yield Browser(page_of(port_in(Path(profile))))
        finally:
            process.terminate()
            process.wait()


def port_in(profile: Path) -> int:
    """Return the port that the browser chose, once it has written it down."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((profile / "DevToolsActivePort").read_text().splitlines()[0])
        time.sleep(0.05)
    raise TimeoutError("the browser did not start")


def page_of(port: int) -> str:
    """Return the address at which the browser's one page takes commands."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=30) as answer:
        pages = json.load(answer)
    kinds = [page for page in pages if page["type"] == "page"]
    return kinds[0]["webSocketDebuggerUrl"]

"""Whether the learner's app may be shown in a frame: the app itself says so, in headers.

The address that is asked for is nobody's page, and the method changes nothing; so no
view runs, and the app's log on the screen leaves it out.
"""

import contextlib
import http.client
import threading

from checks.engine.learner.running import PROBE, App

SECONDS = 5.0


class Frame:
    """What is known of the app that runs: does it forbid frames? Many threads may ask."""

    def __init__(self):
        self._start, self._header = 0, ""
        self._lock = threading.Lock()

    def known(self, app: App) -> str:
        """Return the header with which the app forbids frames, as far as it was asked."""
        return self._header if self._start == app.starts else ""

    def forbids(self, app: App) -> str:
        """Return the header with which the app forbids frames, "" where it does not.

        Each start of the app is asked until it has answered; as long as it does not, it
        forbids nothing.
        """
        with self._lock:
            if self._start != (start := app.starts):
                headers = headers_of(app.port)
                if headers is None:
                    return ""
                self._header, self._start = told_by(headers), start
            return self._header


def headers_of(port: int) -> http.client.HTTPMessage | None:
    """Return the headers of an app's answer, None where there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    with (
        contextlib.closing(connection),
        contextlib.suppress(OSError, http.client.HTTPException),
    ):
        connection.request("OPTIONS", PROBE)
        return connection.getresponse().headers
    return None


def told_by(headers: http.client.HTTPMessage) -> str:
    """Return the header that keeps a page out of our frame, "" where none does."""
    for value in headers.get_all("Content-Security-Policy", []):
        for rule in value.split(";"):
            name, _, sources = rule.strip().partition(" ")
            if name.lower() == "frame-ancestors":  # goes over the older header
                return "" if "*" in sources else f"{name} {sources}".strip()
    value = headers.get("X-Frame-Options", "")
    known = value.strip().upper() in ("DENY", "SAMEORIGIN")
    return f"X-Frame-Options: {value}" if known else ""

"""Who may ask the desk for what: its own pages, and nobody else's.

Every page that the learner visits could send requests to this address. So foreign names
and origins are refused, GET changes nothing, and POST takes a token that only the
desk's own page can read.
"""

import hmac
import secrets

from flask import Flask, Response, abort, request

from checks.engine.desk.room import room

HEADER, FIELD = "X-Desk-Token", "token"
NAMES = ("127.0.0.1", "localhost")
SAFE = ("GET", "HEAD", "OPTIONS")
OWN = ("same-origin", "none")  # Sec-Fetch-Site of a page of ours, and of a person
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src {frames}; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(24)


def watch(app: Flask) -> None:
    """Have every request looked at, and every answer given its headers."""
    app.before_request(look_at)
    app.after_request(dress)
    app.context_processor(lambda: {"room": room})


def look_at() -> None:
    """Refuse what does not come from the desk's own page, or from a person."""
    if request.host not in hosts():
        abort(
            403, "This is the desk of a workbook, and answers to its own address only."
        )
    if request.headers.get("Origin", own_origin()) != own_origin():
        abort(403, "A page of another site has sent this.")
    if not sent_by_us():
        abort(403, "Another page has asked for this.")
    if request.method not in SAFE:
        look_at_post()


def look_at_post() -> None:
    """Refuse what would change something and does not prove that the desk has sent it."""
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if "Origin" not in request.headers:
        abort(403, "Without an Origin nobody knows which page has sent this.")
    if not hmac.compare_digest(sent.encode(), room.token.encode()):
        abort(403, "The desk was opened anew since then: go back and reload its page.")


def hosts() -> set[str]:
    """Return what a browser may call this desk."""
    return {f"{name}:{room.port}" for name in NAMES}


def own_origin() -> str:
    """Return the origin of the desk's own pages."""
    return f"http://{request.host}"


def sent_by_us() -> bool:
    """Has a page of ours asked, or a person who typed an address or followed a link?"""
    if request.headers.get("Sec-Fetch-Site", "none") in OWN:
        return True
    opened = request.headers.get("Sec-Fetch-Dest") == "document"
    return opened and request.method == "GET"


def dress(response: Response) -> Response:
    """Give an answer the headers that keep strangers out of it."""
    frames = f"http://{{}}:{room.app_port}".format
    allowed = " ".join(frames(name) for name in NAMES)
    response.headers["Content-Security-Policy"] = POLICY.format(frames=allowed)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response

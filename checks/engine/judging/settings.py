"""Settings that nobody reads: a key of app.config with a slip, or in another place."""

import difflib
import re
from collections.abc import Mapping

# Those of Flask 3.1; Flask itself is imported on the learner's side alone.
KEYS = [
    "APPLICATION_ROOT",
    "DEBUG",
    "EXPLAIN_TEMPLATE_LOADING",
    "MAX_CONTENT_LENGTH",
    "MAX_COOKIE_SIZE",
    "MAX_FORM_MEMORY_SIZE",
    "MAX_FORM_PARTS",
    "PERMANENT_SESSION_LIFETIME",
    "PREFERRED_URL_SCHEME",
    "PROPAGATE_EXCEPTIONS",
    "PROVIDE_AUTOMATIC_OPTIONS",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SEND_FILE_MAX_AGE_DEFAULT",
    "SERVER_NAME",
    "SESSION_COOKIE_DOMAIN",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_PARTITIONED",
    "SESSION_COOKIE_PATH",
    "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_SECURE",
    "SESSION_REFRESH_EACH_REQUEST",
    "TEMPLATES_AUTO_RELOAD",
    "TESTING",
    "TRAP_BAD_REQUEST_ERRORS",
    "TRAP_HTTP_EXCEPTIONS",
    "TRUSTED_HOSTS",
    "USE_X_SENDFILE",
]
CONFIG = re.compile(r"\s*\w+\.config(?:\[[\"'](\w+)[\"']\]|\.([A-Z_]+)) ?=(?!=)")
ALONE = re.compile(rf"({'|'.join(KEYS)}) ?=(?!=)")
MOST, LONGEST = 2, 200


def find(files: Mapping[str, bytes]) -> list[dict]:
    """Return the lines that set what Flask does not read, in the shape of slips."""
    found = []
    for file, content in sorted(files.items()):
        text = content.decode("utf-8", "replace") if file.endswith(".py") else ""
        objects = "from_object" in text or "Flask(" not in text
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) < LONGEST and (said := unread(line, objects)):
                spot = {"file": file, "line": number, "source": line.strip()}
                found.append({**spot, "slip": said})
    return found[:MOST]


def unread(line: str, objects: bool) -> str:
    """Say why Flask does not read what a line sets; "" where it does.

    objects says that names of the file itself may be settings.
    """
    if ALONE.match(line) and not objects:
        return "Flask reads its settings in app.config, and not here"
    found = CONFIG.match(line)
    if found and found[2]:
        return "app.config is a dict: a key stands in [ ], in quotes"
    key = found[1] if found else ""
    close = difflib.get_close_matches(key.upper(), KEYS, 1, 0.85)
    if close and key not in KEYS:
        return f"Flask reads no key {key}: did you mean {close[0]}?"
    return ""

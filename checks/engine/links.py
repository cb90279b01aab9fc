"""Links in Markdown, when the text that holds them comes to lie in another folder."""

import posixpath
import re

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s]+)\)")


def moved(text: str, old: str, new: str) -> str:
    """Return Markdown whose relative links held in the folder old, and now do in new."""

    def link(match: re.Match) -> str:
        target, mark, anchor = match[1].partition("#")
        place = posixpath.normpath(posixpath.join(old, target))
        return f"]({posixpath.relpath(place, new)}{mark}{anchor})"

    return LINK.sub(link, text)

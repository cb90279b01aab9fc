"""What all pages of a report are made of: the frame, the style, the signs of the states."""

import html
from collections.abc import Iterable, Sequence

from checks.engine.grading.marks import MISSING
from checks.engine.grading.results import Results
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED, NOT_YET, OK

# Every state has a sign too: nobody should have to tell colours apart.
SIGNS = {OK: "●", NOT_YET: "○", NOT_CHECKED: "?", BROKEN: "!", MISSING: "–"}
CLASSES = {OK: "ok", NOT_YET: "no", NOT_CHECKED: "un", BROKEN: "br", MISSING: "mi"}
FRAME = '<span class="hand">&nbsp;&nbsp;&nbsp;&nbsp;</span>'
STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem;
  padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .15rem .5rem; text-align: left; vertical-align: top }
thead th { border-bottom: 1px solid }
.wide { overflow-x: auto } .wide table { margin: 0 }
.who { font-weight: normal }
.steps th:first-child { background: Canvas; left: 0; position: sticky;
  min-width: 8rem; overflow-wrap: anywhere }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.s { text-align: center; min-width: 1rem; padding: .15rem .1rem; border: 1px solid Canvas }
.l { border-left: .4rem solid Canvas }
.ok { background: #2e7d32; color: #fff } .no { background: #ffe0b2; color: #4e2600 }
.un { background: #b3e5fc; color: #00344d } .br { background: #c62828; color: #fff }
.mi { background: #e0e0e0; color: #333 } .hand { outline: 2px solid CanvasText;
  outline-offset: -2px }
.bars { max-width: 34rem; width: 100% } .bars td:first-child { white-space: nowrap }
.bars td:last-child { width: 100% }
.bar { background: #5c6bc0; display: block; height: .8rem; margin-top: .35rem }
pre { background: #8882; overflow-x: auto; padding: .6rem; white-space: pre-wrap }
@media (max-width: 40rem) { body { padding: 0 .5rem } ul { padding-left: 1rem }
  .steps .who { display: block } th, td { padding: .15rem .25rem } }
@media print { :root { font-size: 8pt } body { margin: 0; max-width: none }
  .wide { overflow: visible } .s { min-width: 0 }
  .s, .bar, .hand { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  section { break-inside: avoid } }
"""
# Nothing is fetched, run or sent, whatever a name or an answer should smuggle in.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def text(value: object) -> str:
    """Return a text that a page shows as it is."""
    return html.escape(str(value), quote=True)


def name(value: str) -> str:
    """Return a person's name, whose direction turns nothing else around."""
    return f"<bdi>{text(value)}</bdi>"


def person(results: Results, student: str) -> str:
    """Return a student as submission and roster name them."""
    told = results.called(student)
    return f"{name(student)} ({name(told)})" if told else name(student)


def page(title: str, body: Iterable[str]) -> str:
    """Return a whole page."""
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    )
    return "\n".join([head, f"<h1>{text(title)}</h1>", *body, "</body>\n</html>\n"])


def section(title: str, lines: Sequence[str]) -> list[str]:
    """Return a part of a page, nothing where it would be empty."""
    return [f"<section>\n<h2>{title}</h2>", *lines, "</section>"] if lines else []


def signed(state: str, by_hand: bool = False) -> str:
    """Return the sign of a state, in a frame where a person has decided it."""
    kind = f"{CLASSES[state]} hand" if by_hand else CLASSES[state]
    return f'<span class="{kind}">&nbsp;{SIGNS[state]}&nbsp;</span>'


def legend() -> str:
    """Return what the signs mean."""
    return ", ".join(
        [*[f"{signed(state)} {state}" for state in SIGNS], f"{FRAME} corrected by hand"]
    )


def listed(lines: Iterable[str]) -> list[str]:
    """Return lines as a list."""
    rows = [f"<li>{text(line)}</li>" for line in lines]
    return ["<ul>", *rows, "</ul>"] if rows else []

"""The frame around every page; lesson 7 puts templates in its place."""

STYLE = """
:root { color-scheme: light dark; }
body { max-width: 38rem; margin: 2rem auto; padding: 0 1rem;
       font: 1.1rem/1.6 system-ui, sans-serif; }
h1 { line-height: 1.2; border-bottom: 3px solid #c2410c; padding-bottom: .4rem; }
a { color: light-dark(#9a3412, #fdba74); }
form { display: grid; gap: .6rem; max-width: 20rem; }
button, input { font: inherit; padding: .3rem .6rem; }
"""


def page(title, body):
    """Return a whole HTML page; title and body are HTML already."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n"
        f"<h1>{title}</h1>\n{body}\n</html>\n"
    )

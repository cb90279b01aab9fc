"""The frame around every page; lesson 8 makes a template of it."""

STYLE = """
:root { color-scheme: light dark;
        --paper: light-dark(#fffaf4, #1c1917); --ink: light-dark(#292524, #e7e5e4);
        --accent: light-dark(#b4380a, #fdba74); }
body { max-width: 38rem; margin: 0 auto; padding: 2rem 1.2rem; overflow-wrap: anywhere;
       font: 1.1rem/1.65 system-ui, sans-serif; background: var(--paper);
       color: var(--ink); }
h1 { font: bold 2.1rem/1.2 Georgia, serif; margin: .5rem 0 1.5rem;
     padding-bottom: .5rem; border-bottom: 3px solid var(--accent); }
a { color: var(--accent); }
li { margin: .25rem 0; }
form { display: grid; gap: .6rem; max-width: 20rem; }
input, button { font: inherit; padding: .4rem .8rem; border-radius: .4rem;
                border: 1px solid var(--accent); }
button { background: var(--accent); color: var(--paper); justify-self: start; }
"""


def page(title, body):
    """Return a whole HTML page; title and body are HTML already."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n"
        f"<h1>{title}</h1>\n{body}\n</html>\n"
    )

"""How Sphinx makes the web edition; `make book` puts the pages together."""

import sys

# The validator of notebooks would build a grammar of international addresses: seconds
# of work at each start, for a format that no notebook uses.
sys.modules.setdefault("rfc3987_syntax", None)

project = "The Flask workbook"
extensions = ["myst_nb"]
root_doc = "index"
language = "en"

# The outputs are those that the notebooks hold; nothing is run again.
nb_execution_mode = "off"
nb_merge_streams = True
nb_code_prompt_show = "Show the {type}"
nb_code_prompt_hide = "Hide the {type}"
myst_heading_anchors = 3

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_theme_options = {
    "home_page_in_toc": True,
    "navbar_persistent": [],
    "collapse_navigation": True,
    "show_toc_level": 2,
    "use_download_button": False,
    "footer_content_items": "",  # an author's name would stand there
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

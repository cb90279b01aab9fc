"""The web edition: the lessons' texts and notebooks as one site.

pages.py puts the sources together, made.py writes the pages that no folder holds as a
file, names.py finds the names for the index, build.py has Sphinx make HTML of it all.
"""

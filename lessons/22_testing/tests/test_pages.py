# TODO 2: Pages.
"""Does the blog show what it should?"""

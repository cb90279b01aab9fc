"""Whether this command was asked to end: an interrupt can get lost on its way.

Where one meets an import of pytest's, it may be told as an error of another kind.
"""

asked = False

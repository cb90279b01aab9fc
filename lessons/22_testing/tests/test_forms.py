# TODO 3: Forms and uploads.
"""Do the forms keep what is right, and refuse the rest?"""

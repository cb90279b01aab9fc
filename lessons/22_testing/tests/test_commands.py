# TODO 5: Commands.
"""Do the commands say what they should?"""

# TODO 1: Fixtures.
"""What every test may ask for."""

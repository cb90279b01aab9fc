"""Everything behind the Makefile: ``python -m checks.engine --help`` lists it."""

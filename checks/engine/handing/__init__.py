"""Handing out and handing in: kits for students, and what they give back."""

"""Grading a class: what strangers have handed in, and what becomes of it."""

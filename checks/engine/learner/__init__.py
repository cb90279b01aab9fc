"""The learner's own commands: running, watching, hints, progress, reset."""

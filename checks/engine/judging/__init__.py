"""From a learner's folder to a verdict."""

"""The process that holds the learner's app, and the way to talk to it."""

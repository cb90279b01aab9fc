"""What "done" means: one file of checks a lesson, and the engine that runs them."""

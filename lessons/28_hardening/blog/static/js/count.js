// TODO 2: A policy for scripts.

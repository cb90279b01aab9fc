// TODO 2: A script of its own.

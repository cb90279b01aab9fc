"""How gunicorn serves the blog: type gunicorn in this folder, and no word more."""

# TODO 1: gunicorn starts it.
# TODO 2: Workers from outside.
bind = "0.0.0.0:8000"
workers = 1
# TODO 3: Loopback by default.
# TODO 4: Access lines.

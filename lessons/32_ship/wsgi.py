"""What a server starts in production: gunicorn wsgi:app."""

from blog import create_app

app = create_app("production")

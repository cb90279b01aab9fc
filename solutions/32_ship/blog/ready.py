"""Is the blog ready for the public? One command says so, or what is missing."""

import click
from flask import current_app
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from .models import User, db

SHORTEST = 32  # characters of a secret
OWN = {"localhost", "127.0.0.1"}


def gaps_of_settings(config):
    """Return what the settings lack, a line each."""
    gaps = [
        f"{key} has fewer than {SHORTEST} characters."
        for key in ["SECRET_KEY", "API_TOKEN"]
        if len(config[key]) < SHORTEST
    ]
    if not config["SESSION_COOKIE_SECURE"]:
        gaps.append("APP_ENV: this is not production, cookies would go over http.")
    if OWN.issuperset(config["TRUSTED_HOSTS"]):
        gaps.append("TRUSTED_HOSTS names no host but this machine.")
    return gaps


def gaps_of_database():
    """Return what the database lacks, a line each."""
    admins = db.select(User).filter_by(is_admin=True).limit(1)
    try:
        there = inspect(db.engine).get_table_names()
        if missing := sorted(set(db.metadata.tables).difference(there)):
            return [f"Missing tables: {', '.join(missing)}; init-db makes them."]
        found = db.session.scalar(admins)
    except SQLAlchemyError:
        return ["DATABASE_URL leads to no database."]
    return [] if found else ["Nobody is an admin; make-admin makes one."]


def ready():
    """Say "Ready to ship", or what is missing."""
    gaps = gaps_of_settings(current_app.config) + gaps_of_database()
    if gaps:
        raise click.ClickException("\n".join(gaps))
    click.echo("Ready to ship")

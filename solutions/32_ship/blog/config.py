"""Settings: what differs from machine to machine comes from outside."""

import os
from pathlib import Path

from dotenv import load_dotenv


class Config:
    """What holds everywhere, unless the environment says otherwise."""

    BLOG_NAME = "Tea and Tracebacks"
    POSTS_PER_PAGE = 5
    MAX_CONTENT_LENGTH = 4 * 1024 * 1024  # bytes, of a whole request
    PROXIES = 0  # how many stand in front of the blog
    SECRET_KEY = None
    SESSION_COOKIE_SAMESITE = "Lax"
    WTF_CSRF_TIME_LIMIT = None  # a form may stay open as long as its session lives
    API_TOKEN = None
    SQLALCHEMY_DATABASE_URI = None
    LOG_LEVEL = "WARNING"
    SERVER_NAME = None  # host and port, for links that are made outside of a request


class DevelopmentConfig(Config):
    """Your own machine: works without a single setting."""

    SECRET_KEY = "only-for-development"
    API_TOKEN = "only-for-development"
    SQLALCHEMY_DATABASE_URI = "sqlite:///blog.db"  # in the folder instance


class TestingConfig(DevelopmentConfig):
    """Tests: exceptions come through, and forms need no token."""

    TESTING = True
    WTF_CSRF_ENABLED = False


class ProductionConfig(Config):
    """A server: no secret is written here, and all goes over https."""

    SESSION_COOKIE_SECURE = True


CONFIGS = {
    "development": DevelopmentConfig,
    "testing": TestingConfig,
    "production": ProductionConfig,
}


def configure(app, name=None, settings=None):
    """Set an app up for an environment: the one that is named, else that of APP_ENV.

    settings go over all others.

    Raises RuntimeError for an unknown name, and where a secret is missing.
    """
    load_dotenv(Path(__file__).parents[1] / ".env")
    name = name or os.environ.get("APP_ENV", "development")
    if name not in CONFIGS:
        raise RuntimeError(f"APP_ENV is {name!r}; it can be {', '.join(CONFIGS)}")
    app.config.from_object(CONFIGS[name])
    for key in ["BLOG_NAME", "SECRET_KEY", "API_TOKEN", "SERVER_NAME", "LOG_LEVEL"]:
        app.config[key] = os.environ.get(key) or app.config[key]
    hosts = os.environ.get("TRUSTED_HOSTS") or "localhost,127.0.0.1"
    app.config["TRUSTED_HOSTS"] = hosts.split(",")
    uri = os.environ.get("DATABASE_URL") or app.config["SQLALCHEMY_DATABASE_URI"]
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    app.config["POSTS_PER_PAGE"] = int(
        os.environ.get("POSTS_PER_PAGE") or app.config["POSTS_PER_PAGE"]
    )
    app.config["PROXIES"] = int(os.environ.get("PROXIES") or app.config["PROXIES"])
    app.config["UPLOADS"] = Path(app.instance_path, "uploads")
    app.config.update(settings or {})
    missing = [key for key in ["SECRET_KEY", "API_TOKEN"] if not app.config[key]]
    if not app.config["SQLALCHEMY_DATABASE_URI"]:
        missing.append("DATABASE_URL")
    if missing:
        raise RuntimeError(f"{name} needs these settings: {', '.join(missing)}")

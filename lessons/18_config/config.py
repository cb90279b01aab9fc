"""Settings: what differs from machine to machine comes from outside."""

import os


class Config:
    """What holds everywhere, unless the environment says otherwise."""

    BLOG_NAME = "Tea and Tracebacks"
    POSTS_PER_PAGE = 2
    MAX_CONTENT_LENGTH = 1024 * 1024  # bytes, of a whole request
    SECRET_KEY = None
    API_TOKEN = None


class DevelopmentConfig(Config):
    """Your own machine: works without a single setting."""

    SECRET_KEY = "only-for-development"
    API_TOKEN = "only-for-development"


class TestingConfig(DevelopmentConfig):
    """Tests: exceptions come through."""

    TESTING = True


class ProductionConfig(Config):
    """A server: no secret is written here."""


CONFIGS = {
    "development": DevelopmentConfig,
    "testing": TestingConfig,
    "production": ProductionConfig,
}


def configure(app):
    """Set an app up for the environment that APP_ENV names.

    Raises RuntimeError for an unknown name, and where a secret is missing.
    """
    name = os.environ.get("APP_ENV", "development")
    # TODO 4: Unknown environments.
    app.config.from_object(CONFIGS.get(name, DevelopmentConfig))
    # TODO 1: Settings from outside.
    # TODO 2: Development needs nothing, production names what is missing.

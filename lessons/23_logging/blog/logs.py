"""The log: a line for every request, on stderr."""

import logging
from logging.config import dictConfig

from flask import current_app, g, has_request_context, request


class OneLine(logging.Formatter):
    """A line with the number of its request, which no visitor can end."""

    def formatMessage(self, record):
        """Return the line; a traceback follows it."""
        # TODO 3: Exceptions.
        # TODO 4: Forged lines.
        return super().formatMessage(record)


def start_log(app):
    """Have this process log at the level that the settings of an app name."""
    # TODO 1: A level from outside.
    app.logger.setLevel("INFO")
    # TODO 2: Once.
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
    app.logger.addHandler(handler)
    app.after_request(log_request)


def log_request(response):
    """Log what was asked and answered."""
    status = response.status_code
    current_app.logger.info("%s %s %s", request.method, request.path, status)
    return response

"""The log: a line for every request, on stderr."""

import logging
from logging.config import dictConfig

from flask import current_app, g, has_request_context, request


class OneLine(logging.Formatter):
    """A line with the number of its request, which no visitor can end."""

    def formatMessage(self, record):
        """Return the line; a traceback follows it."""
        inside = has_request_context()
        record.request_id = g.get("request_id", "-") if inside else "-"
        line = super().formatMessage(record)
        # Foreign text is in it: what a terminal would obey is written out, like \n.
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


def start_log(app):
    """Have this process log at the level that the settings of an app name."""
    line = "%(asctime)s %(levelname)s %(request_id)s %(message)s"
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": OneLine, "fmt": line}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line"}
            },
            "loggers": {
                app.name: {"level": app.config["LOG_LEVEL"], "handlers": ["stderr"]}
            },
        }
    )
    app.after_request(log_request)


def log_request(response):
    """Log what was asked and answered."""
    status = response.status_code
    told = (request.remote_addr, request.method, request.path, status)
    current_app.logger.info("%s %s %s %s", *told)
    return response

"""What an exception means, in the app's own words: one function for each kind.

A pattern is looked for in ``Type: message``; the first that fits explains. All
lessons share them, so a better sentence here is a better sentence everywhere.
"""

from checks.engine.judging.meanings import (
    contexts,
    errors,
    inputs,
    logs,
    proxies,
    rooms,
    rules,
    servers,
    starting,
    tables,
    templates,
    views,
)
from checks.engine.judging.meanings.registry import crash

__all__ = [
    "contexts",
    "crash",
    "errors",
    "inputs",
    "logs",
    "proxies",
    "rooms",
    "rules",
    "servers",
    "starting",
    "tables",
    "templates",
    "views",
]

"""A Redis database of its own for each process of a test run, so that none empties another's cache or takes its jobs.

Loaded before the settings are (`-p` in pyproject.toml), for they read REDIS_URL once.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

DATABASES = 16  # what a Redis server has unless told otherwise


def neighbour(url: str, steps: int) -> str:
    """The address of the database so many steps after the one that `url` names."""
    parts = urlsplit(url)
    number = (int(parts.path.strip("/") or 0) + steps) % DATABASES
    return parts._replace(path=f"/{number}").geturl()


def take_own() -> None:
    worker, url = os.environ.get("PYTEST_XDIST_WORKER"), os.environ.get("REDIS_URL")
    if worker and url:
        os.environ["REDIS_URL"] = neighbour(url, 1 + int(worker.removeprefix("gw")))


take_own()

"""A whole walk along a list of the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.api.shop import Api


def pages_of(api: Api, address: str) -> Iterator[dict[str, Any]]:
    """Every page from this one on, by its `next` link."""
    following: str | None = address
    while following:
        answer = api.get(following)
        assert answer.status_code == 200, answer.json()
        page = answer.json()
        yield page
        following = page["next"]


def walk(api: Api, address: str) -> list[dict[str, Any]]:
    return [row for page in pages_of(api, address) for row in page["results"]]

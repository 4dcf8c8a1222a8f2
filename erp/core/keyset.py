"""Long lists page by page, walked by keys: newest first, and a million rows are never counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class KeyPage:
    """`older` and `newer` are the keys to go on from, None at the ends."""

    rows: list[Any]
    older: int | None
    newer: int | None


def key_page(rows: Any, *, before: int | None = None, after: int | None = None) -> KeyPage:
    """The `PER_PAGE` rows below the key `before`, or the ones just above `after`; else the newest."""
    if after is not None and (found := list(rows.filter(pk__gt=after).order_by("pk")[: PER_PAGE + 1])):
        more, found = len(found) > PER_PAGE, found[:PER_PAGE][::-1]
        return KeyPage(found, found[-1].pk, found[0].pk if more else None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    more, found = len(found) > PER_PAGE, found[:PER_PAGE]
    newer = found[0].pk if found and before is not None else None
    return KeyPage(found, found[-1].pk if more else None, newer)


def keys_of(request: HttpRequest) -> dict[str, int | None]:
    """The keys `before` and `after` of an address; what is no key begins at the newest."""
    return {name: _key(request.GET.get(name, "")) for name in ("before", "after")}


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None

"""What waits for somebody, told on the home page. Apps above the ledger add theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from catalog.models import Brand


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence with the page that does something about it; `tone` is `warn`, `bad` or `info`."""

    words: Any
    address: str
    icon: str
    tone: str = "info"


Source = Callable[[Brand], Notice | None]
_sources: list[Source] = []


def notice(source: Source) -> Source:
    """Marks a function that has something to tell of a brand, or nothing. It asks few queries: every visit calls it."""
    _sources.append(source)
    return source


def notices_of(brand: Brand) -> Iterator[Notice]:
    return (found for source in _sources if (found := source(brand)) is not None)

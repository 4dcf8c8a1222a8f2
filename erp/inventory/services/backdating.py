"""Saying that something happened earlier: who may, how far back, and that there was enough at every moment since.

Movements are recorded in one order and may have happened in another. `source_balance` and `destination_balance` are
those of the recording order and never change; what was there at a moment of the past follows from `occurred_at`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.access import Right, rights_in
from catalog.days import business_day, day_start
from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.inventory.models import Location, Posting
from erp.inventory.periods import check_open
from erp.inventory.services.lines import Line
from erp.inventory.services.walk import Numbered, Places, net_changes
from erp.inventory.sql.locks import Held, Spot
from erp.inventory.sql.past import changes_after
from erp.inventory.sql.postings import KnownVariant

_retelling: ContextVar[bool] = ContextVar("retelling", default=False)


@contextmanager
def retelling() -> Iterator[None]:
    """Inside, everything counts as recorded when it happened, and nobody is asked for the right: for a demonstration,
    whose past is made up. Closed periods stay closed, and nothing ever falls below zero.
    """
    token = _retelling.set(True)
    try:
        yield
    finally:
        _retelling.reset(token)


def recording_moment(occurred_at: datetime | None) -> datetime:
    """When a posting of now is recorded."""
    now = timezone.now()
    return min(occurred_at, now) if occurred_at and _retelling.get() else now


def is_past(brand: Brand, moment: datetime) -> bool:
    """Whether a moment lies before the brand's business day of now: to say so takes Right.BACKDATE."""
    return moment < day_start(brand, business_day(brand))


def check_moment(posting: Posting) -> None:
    """Refuses a moment of an earlier day to whoever has no right to it (403), and one in a closed period to everybody.

    Called once the posting holds its places: whoever closes a period waits for it, or it sees the period closed.
    """
    if not is_past(posting.brand, posting.occurred_at):
        return
    if not _retelling.get() and Right.BACKDATE not in rights_in(posting.actor, posting.brand):
        message = _("Only an owner enters what happened on an earlier day. Leave the time out, or ask the owner.")
        problem = Problem("backdating_not_allowed", message, "occurred_at")
        raise DomainError("backdating_not_allowed", message, [problem], status=403)
    check_open(posting.brand, posting.occurred_at)


@dataclass(frozen=True, slots=True)
class _Past:
    """What was at a spot from a moment on: [(since when, how many)], the first since the moment itself."""

    steps: Sequence[tuple[datetime, int]]

    @property
    def least(self) -> int:
        return min(there for _when, there in self.steps)

    def first_below(self, wanted: int) -> tuple[datetime, int]:
        return next((when, there) for when, there in self.steps if there < wanted)


def past_shortages(
    posting: Posting,
    lines: Sequence[Numbered],
    places: Places,
    held: Mapping[Spot, Held],
    variants: Mapping[int, KnownVariant],
) -> list[Problem]:
    """The lines of a posting of the past that would leave less than nothing at that moment or at a later one.

    `held` is what was on hand before this posting; its balances are locked, so that no other movement comes between.
    """
    leaving = {spot for spot, change in net_changes(lines, places).items() if change.on_hand < 0 and spot in held}
    if not leaving or (posting.occurred_at >= posting.recorded_at and not _retelling.get()):
        return []
    later = changes_after(sorted(leaving), posting.occurred_at)
    found: list[tuple[int, Line, Spot, datetime, int]] = []
    for spot in leaving:
        past = _past(posting.occurred_at, held[spot].on_hand, later.get(spot, []))
        found += _short_lines(spot, lines, places, past)
    return _problems(posting, sorted(found, key=lambda item: item[0]), variants)


def _past(then: datetime, now: int, later: Sequence[tuple[datetime, int]]) -> _Past:
    there = now - sum(delta for _when, delta in later)
    steps = [(then, there)]
    for when, delta in later:
        there += delta
        steps.append((when, there))
    return _Past(steps)


def _short_lines(
    spot: Spot, lines: Sequence[Numbered], places: Places, past: _Past
) -> Iterator[tuple[int, Line, Spot, datetime, int]]:
    """(number, line, spot, first moment, how many it could have taken) of each line that asks for too much."""
    at = [(n, line) for n, line in lines if line.variant_id == spot[0]]
    taken = -sum(line.quantity for _n, line in at if places[line.destination_id].pk == spot[1])
    for number, line in at:
        if places[line.source_id].pk != spot[1]:
            continue
        if past.least < taken + line.quantity:
            when, there = past.first_below(taken + line.quantity)
            yield number, line, spot, when, max(there - taken, 0)
        else:
            taken += line.quantity


def _problems(
    posting: Posting, found: Sequence[tuple[int, Line, Spot, datetime, int]], variants: Mapping[int, KnownVariant]
) -> list[Problem]:
    locations = Location.objects.in_bulk({spot[1] for _n, _line, spot, _when, _there in found})
    zone = ZoneInfo(posting.brand.time_zone)
    return [
        Problem(
            "insufficient_stock_then",
            _("%(sku)s, %(location)s: only %(available)s to take on %(moment)s, %(missing)s missing.")
            % {
                "sku": variants[spot[0]].sku,
                "location": locations[spot[1]].name,
                "available": there,
                "moment": date_format(timezone.localtime(when, zone), "DATETIME_FORMAT"),
                "missing": line.quantity - there,
            },
            "quantity",
            number,
        )
        for number, line, spot, when, there in found
    ]

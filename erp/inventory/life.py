"""The life of one variant: all that ever happened to it, and which arrivals the pieces that are here came with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, Sum

from catalog.audit.words import ChangeWords, in_words
from catalog.models import Change, Product, Variant
from erp.core.keyset import KeyPage
from erp.inventory.history import HistoryRow, history_row
from erp.inventory.models import Location, MovementKind, Reservation, StockMovement

LOTS = 20
# Between two movements there may be any number of holds and edits.
MOST_BETWEEN = 200


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces that came into the house together. First in, first out: `left` of them are still here.

    `gone` says where the others went. Pieces of one variant cannot be told apart: which of them a customer took is an
    assumption, how many is not.
    """

    arrival: StockMovement
    left: int
    gone: list[tuple[Location, int]]


@dataclass(frozen=True, slots=True)
class Lots:
    """The newest arrivals, and how many of the pieces that are here came before them."""

    lots: list[Lot]
    older_left: int
    has_older: bool


def lots_of(variant: Variant, most: int = LOTS) -> Lots:
    """In the order of recording; what was taken back counts as if it had not come or gone."""
    moved = StockMovement.objects.filter(variant=variant)
    standing = moved.filter(reverses=None, reversed_by=None)
    arrivals = list(
        standing.filter(source_balance=None, destination_balance__isnull=False)
        .select_related("brand", "source", "destination", "posting")
        .order_by("-pk")[: most + 1]
    )
    shown, has_older = arrivals[:most], len(arrivals) > most
    came, went = _totals(moved)
    lots = _with_what_left(shown, came, went, _departures(standing, shown, came, went))
    here = came - went
    return Lots(lots, here - sum(lot.left for lot in lots), has_older)


def _totals(moved: Any) -> tuple[int, int]:
    """Pieces that came into the house and that left it, less what was taken back."""
    came, went = Q(source_balance=None), Q(destination_balance=None)
    undone = Q(kind=MovementKind.REVERSAL)
    sums = moved.aggregate(
        came=Sum("quantity", filter=came & ~undone, default=0),
        uncame=Sum("quantity", filter=went & undone, default=0),
        went=Sum("quantity", filter=went & ~undone, default=0),
        unwent=Sum("quantity", filter=came & undone, default=0),
    )
    return sums["came"] - sums["uncame"], sums["went"] - sums["unwent"]


def _departures(standing: Any, lots: Sequence[StockMovement], came: int, went: int) -> list[tuple[Location, int]]:
    """(where to, how many) of the newest departures, the newest first, until they reach back to the shown lots."""
    wanted = went - (came - sum(lot.quantity for lot in lots))
    rows = standing.filter(destination_balance=None, source_balance__isnull=False).select_related("destination")
    found: list[tuple[Location, int]] = []
    for movement in rows.order_by("-pk").iterator(chunk_size=500):
        if wanted <= 0:
            break
        found.append((movement.destination, min(movement.quantity, wanted)))
        wanted -= movement.quantity
    return found


def _with_what_left(
    lots: Sequence[StockMovement], came: int, went: int, departures: Iterable[tuple[Location, int]]
) -> list[Lot]:
    """Pieces are numbered as they came; the first `went` of them are gone. `lots` and `departures`: newest first."""
    taken = iter(departures)
    place, open_ = None, 0
    found, last = [], came
    for lot in lots:
        first = last - lot.quantity
        missing = min(lot.quantity, max(went - first, 0))
        gone: Counter[Location] = Counter()
        need = missing
        while need:
            if not open_:
                place, open_ = next(taken, (None, need))
            step = min(need, open_)
            if place is not None:
                gone[place] += step
            need, open_ = need - step, open_ - step
        found.append(Lot(lot, lot.quantity - missing, gone.most_common()))
        last = first
    return found


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: exactly one of `row`, `hold` and `change` is set. `ended`: the hold was over then."""

    moment: datetime
    row: HistoryRow | None = None
    hold: Reservation | None = None
    change: ChangeWords | None = None
    ended: bool = False


def events_of(variant: Variant, page: KeyPage, user: Any) -> list[Event]:
    """The movements of a page and what was held, released and edited between them, newest first."""
    since = page.rows[-1].recorded_at if page.rows and page.older else None
    until = page.rows[0].recorded_at if page.rows and page.newer else None
    events = [Event(movement.recorded_at, row=history_row(movement)) for movement in page.rows]
    events += _holds(variant, since, until)
    events += _changes(variant, since, until, user)
    return sorted(events, key=lambda event: event.moment, reverse=True)


def _holds(variant: Variant, since: datetime | None, until: datetime | None) -> Iterator[Event]:
    rows = Reservation.objects.filter(variant=variant).select_related("location", "actor")
    begun = rows.filter(_between("created_at", since, until))
    ended = rows.filter(_between("closed_at", since, until), closed_at__isnull=False)
    yield from (Event(hold.created_at, hold=hold) for hold in begun.order_by("-pk")[:MOST_BETWEEN])
    yield from (
        Event(hold.closed_at, hold=hold, ended=True) for hold in ended.order_by("-pk")[:MOST_BETWEEN] if hold.closed_at
    )


def _changes(variant: Variant, since: datetime | None, until: datetime | None, user: Any) -> Iterator[Event]:
    kinds = ContentType.objects.get_for_models(Variant, Product)
    own = Q(content_type=kinds[Variant], object_id=variant.pk) | Q(content_type=kinds[Product])
    found = Change.objects.visible_to(user).about(f"product:{variant.product_id}").filter(own)
    rows = found.filter(_between("timestamp", since, until)).select_related("brand").order_by("-pk")[:MOST_BETWEEN]
    yield from (Event(words.change.timestamp, change=words) for words in in_words(rows))


def _between(name: str, since: datetime | None, until: datetime | None) -> Q:
    """From a movement of the page on, and before the first movement of the newer page."""
    found = Q(**{f"{name}__gte": since}) if since else Q()
    return found & Q(**{f"{name}__lt": until}) if until else found

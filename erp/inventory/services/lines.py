"""The lines of a posting, and what can be wrong with one before any stock is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeGuard

from django.db.models import BigIntegerField
from django.utils.translation import gettext as _

from erp.core.errors import Problem
from erp.inventory.models import Posting
from erp.inventory.sql.postings import Known, Place

MAX_QUANTITY = 1_000_000
MAX_LINES = 20_000
MAX_COST = 999_999_999  # what a cost's column keeps exactly on every database
_TEXT_LIMITS = {name: getattr(Posting, name).field.max_length for name in ("reference", "note")}


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of a variant from one location to another.

    An end is the pk of a location, or the kind of a virtual one, such as `supplier`: the brand's first of that kind.
    `line` is the number refusals name, the place in the posting from 1 unless given. `reverses_id` is set by reversals.
    With a `reservation_id` the pieces are taken out of what it holds. `unit_cost`, in the brand's currency, is what one
    piece cost that comes into the house; None leaves the moving average as it is.
    """

    variant_id: int
    quantity: int
    source_id: int | str
    destination_id: int | str
    line: int | None = None
    reference: str = ""
    note: str = ""
    reverses_id: int | None = None
    reservation_id: int | None = None
    unit_cost: Decimal | None = None


def is_id(value: object) -> TypeGuard[int]:
    """Whether a value can be a primary key at all; what cannot is never sent to the database."""
    return type(value) is int and 0 < value <= BigIntegerField.MAX_BIGINT


def is_end(value: object) -> bool:
    return is_id(value) or isinstance(value, str)


def numbered(lines: Sequence[Line]) -> list[tuple[int, Line]]:
    return [(line.line or place, line) for place, line in enumerate(lines, start=1)]


def too_many_lines() -> Problem:
    message = _("At most %(most)s lines at once. Send them in parts.") % {"most": f"{MAX_LINES:,}"}
    return Problem("too_many_lines", message, "lines")


def line_problems(number: int, line: Line, known: Known) -> Iterator[Problem]:
    """Everything wrong with one line but the stock. What belongs to another brand is as unknown as what never was."""
    ends = [known.places.get(end) if is_end(end) else None for end in (line.source_id, line.destination_id)]
    yield from _variant_problems(number, line, known, ends)
    if message := quantity_message(line.quantity):
        yield Problem("invalid_quantity", message, "quantity", number)
    for field, place in zip(("source", "destination"), ends, strict=True):
        if place is None:
            yield Problem("unknown_location", _("There is no such location. Choose one of the list."), field, number)
        elif not place.is_active:
            message = _("This location is closed. Choose another, or open it again in its settings.")
            yield Problem("closed_location", message, field, number)
    if ends[0] and ends[0] == ends[1]:
        message = _("The goods would not move: choose two different locations.")
        yield Problem("same_location", message, "destination", number)
    yield from text_problems(line.reference, line.note, number)
    if line.unit_cost is not None:
        yield from _cost_problems(number, line.unit_cost, ends)


def _cost_problems(number: int, cost: Decimal, ends: Sequence[Place | None]) -> Iterator[Problem]:
    if not isinstance(cost, Decimal) or not cost.is_finite() or not 0 <= cost <= MAX_COST or cost != round(cost, 6):
        message = _("A cost is 0 or more, at most %(most)s a piece, with no more than six decimals.") % {
            "most": f"{MAX_COST:,}"
        }
        yield Problem("invalid_cost", message, "unit_cost", number)
    if not _arrives(*ends):
        message = _("Only goods that come into the house have a cost.")
        yield Problem("cost_without_arrival", message, "unit_cost", number)


def _variant_problems(number: int, line: Line, known: Known, ends: Sequence[Place | None]) -> Iterator[Problem]:
    if not is_id(line.variant_id) or line.variant_id not in known.variants:
        message = _("There is no such variant. Check the SKU or scan the barcode again.")
        yield Problem("unknown_variant", message, "variant", number)
    elif line.variant_id in known.opened:
        message = _("Its opening stock was entered before. Receive or adjust it instead.")
        yield Problem("opening_exists", message, "variant", number)
    elif known.variants[line.variant_id].is_draft and not line.reverses_id and _arrives(*ends):
        message = _("This belongs to a draft, which holds no stock yet. Finish its listing first.")
        yield Problem("draft_product", message, "variant", number)


def _arrives(source: Place | None, destination: Place | None) -> bool:
    """Whether goods come into the house."""
    return destination is not None and destination.is_internal and not (source and source.is_internal)


def quantity_message(quantity: object) -> str:
    """What is wrong with a quantity, or nothing."""
    if type(quantity) is not int:
        return _("The quantity must be a whole number.")
    if quantity <= 0:
        return _("The quantity must be 1 or more.")
    if quantity > MAX_QUANTITY:
        return _("At most %(most)s pieces in one line. Check for a typing error.") % {"most": f"{MAX_QUANTITY:,}"}
    return ""


def text_problems(reference: str, note: str, number: int | None = None) -> Iterator[Problem]:
    """A reference or a note that is too long or cannot be stored."""
    if not reference and not note:
        return
    for field, text in (("reference", reference), ("note", note)):
        if len(text) > _TEXT_LIMITS[field]:
            message = _("At most %(most)s characters here.") % {"most": _TEXT_LIMITS[field]}
            yield Problem("too_long", message, field, number)
        elif not storable(text):
            message = _("This text holds a character that cannot be stored. Type it again.")
            yield Problem("invalid_text", message, field, number)


def storable(text: str) -> bool:
    """PostgreSQL stores no NUL, and nothing stores half a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)

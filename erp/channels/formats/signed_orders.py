"""Orders as JSON, which any shop may send signed: the shape, and every entry of it that is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from erp.channels.formats.cells import price_of, storable_moment
from erp.channels.formats.orders import MOST_LINES, MOST_PIECES, SaidLine, SaidOrder
from erp.core.errors import DomainError, Problem

MOST_ORDERS = 20_000
# Of each text: how long it may be.
TEXTS = {"sku": 120, "title": 300, "options": 200}
MOST_TOLD = 100


def read_signed(body: bytes) -> list[SaidOrder]:
    """The orders. Raises DomainError `invalid_orders` with each entry that is wrong; `line` counts orders from 1."""
    try:
        data = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_said_once)
        orders = data["orders"]
        # Half a character, which no database stores.
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        message = _("Send a JSON object with a list “orders”, and no name twice in an object.")
        raise DomainError("invalid_orders", message, [Problem("no_json", message, "orders")]) from error
    if not isinstance(orders, list) or not 0 < len(orders) <= MOST_ORDERS:
        message = _("Send 1 to %(most)s orders.") % {"most": MOST_ORDERS}
        raise DomainError("invalid_orders", message, [Problem("bad_count", message, "orders")])
    problems: list[Problem] = []
    said = [_Reader(place, problems).order(order) for place, order in enumerate(orders, start=1)]
    problems.extend(_twice(said))
    if problems:
        raise DomainError("invalid_orders", _("Mend these orders and send all of them again."), problems[:MOST_TOLD])
    return said


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that is there twice nobody knows which is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _twice(said: list[SaidOrder]) -> Iterator[Problem]:
    counts = Counter(order.number for order in said)
    for place, order in enumerate(said, start=1):
        if order.number and counts[order.number] > 1:
            yield Problem("twice", _("This order number is there twice."), "number", place)


class _Reader:
    """Reads one order; what is wrong is noted and stands in for with something harmless."""

    def __init__(self, place: int, problems: list[Problem]) -> None:
        self.place, self.problems = place, problems

    def order(self, data: Any) -> SaidOrder:
        if not isinstance(data, dict):
            self._wrong("no_object", _("An order is an object."), "orders")
            return SaidOrder("")
        lines = data.get("lines")
        if not isinstance(lines, list) or not 0 < len(lines) <= MOST_LINES:
            self._wrong("bad_lines", _("An order has 1 to %(most)s lines.") % {"most": MOST_LINES}, "lines")
            lines = []
        number = self._text(data, "number", 80)
        if not number:
            self._wrong("no_number", _("An order has a number."), "number")
        return SaidOrder(
            number=number,
            at=self.place,
            lines=[self._line(line) for line in lines],
            customer_name=self._text(data, "customer_name", 120),
            currency=self._text(data, "currency", 3).upper(),
            placed_at=self._moment(data),
            is_paid=self._yes(data, "is_paid", True),
            is_cancelled=self._yes(data, "is_cancelled", False),
        )

    def _line(self, data: Any) -> SaidLine:
        if not isinstance(data, dict):
            self._wrong("no_object", _("A line is an object."), "lines")
            return SaidLine("", "", "", 1, Decimal(0))
        sku, title, options = (self._text(data, name, most) for name, most in TEXTS.items())
        if not sku and not title:
            self._wrong("no_goods", _("A line has a SKU or a title."), "sku")
        quantity = data.get("quantity")
        if type(quantity) is not int or not 0 < quantity <= MOST_PIECES:
            self._wrong("bad_quantity", _("Pieces are whole numbers from 1."), "quantity")
            quantity = 1
        return SaidLine(sku, title, options, quantity, self._price(data.get("unit_price", "0")))

    def _price(self, value: Any) -> Decimal:
        """Money is a decimal in a string; a number is taken too."""
        try:
            found = price_of(Decimal(str(value))) if type(value) in (str, int, float) else None
        except InvalidOperation:
            found = None
        if found is not None:
            return found
        self._wrong("bad_price", _("A price is a number from 0."), "unit_price")
        return Decimal(0)

    def _text(self, data: dict[str, Any], name: str, most: int) -> str:
        value = data.get(name, "")
        if value is None:
            return ""
        if isinstance(value, str) and len(value) <= most and "\0" not in value:
            return value.strip()
        self._wrong("bad_text", _("This is a text of at most %(most)s characters.") % {"most": most}, name)
        return ""

    def _yes(self, data: dict[str, Any], name: str, default: bool) -> bool:
        value = data.get(name, default)
        if not isinstance(value, bool):
            self._wrong("no_boolean", _("This is true or false."), name)
        return bool(value)

    def _moment(self, data: dict[str, Any]) -> datetime | None:
        value = data.get("placed_at")
        if value is None:
            return None
        try:
            found = storable_moment(parse_datetime(value)) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self._wrong("bad_moment", _("A moment is ISO 8601 with its offset."), "placed_at")
            return None
        return found

    def _wrong(self, code: str, message: str, field: str) -> None:
        self.problems.append(Problem(code, message, field, self.place))

"""A marketplace's file of orders: lines of one number are one order, whatever columns moved or came on top."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from erp.channels.formats.cells import number_in, price_of, storable_moment, without_commas
from erp.channels.formats.template import DATA
from erp.core.errors import DomainError, Problem
from erp.exchange.products.tables import Limits, Sheet, open_table
from erp.exchange.products.text import folded, restored

NEEDED = ("number", "quantity")
MOST_PIECES = 1_000_000
MOST_LINES = 500  # of an order
LONGEST_NUMBER, LONGEST_NAME = 80, 120
CURRENCY_SIGNS = "₩￦$€¥ 원"
# What a spreadsheet makes of a long number: its last figures are gone.
ROUNDED = re.compile(r"\d(\.\d+)?E\+\d{2,}", re.IGNORECASE)
MOMENT = re.compile(
    r"(?P<year>\d{4})\s*[-./년]\s*(?P<month>\d{1,2})\s*[-./월]\s*(?P<day>\d{1,2})\s*[.일]?"
    r"([T\s]+(?P<half>오전|오후|AM|PM)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2}))?(\.\d+)?"
    r"(\s*(?P<late>AM|PM))?)?",
    re.IGNORECASE,
)
MORNING, AFTERNOON = {"오전", "am"}, {"오후", "pm"}
OF_ORDERS = Limits(size=80 * 1024 * 1024, rows=200_000, width=200, cell=300)


@dataclass(frozen=True, slots=True)
class SaidLine:
    """Goods of an order as the marketplace names them."""

    sku: str
    title: str
    options: str
    quantity: int
    unit_price: Decimal
    line_number: str = ""

    @property
    def known_as(self) -> str:
        """What it is matched by: its SKU, else its names. Long names that end differently stay different."""
        return self.sku or short_name(" / ".join(filter(None, (self.title, self.options))))


@dataclass(slots=True)
class SaidOrder:
    """An order as the marketplace tells it. `at` is where in the file it begins."""

    number: str
    at: int = 0
    lines: list[SaidLine] = field(default_factory=list)
    customer_name: str = ""
    currency: str = ""
    placed_at: datetime | None = None
    is_paid: bool = True
    is_cancelled: bool = False
    is_sent: bool = False  # all of it left, as the marketplace says


def short_name(text: str) -> str:
    """As it is, or where that is too long its beginning and a mark of the whole."""
    if len(text) <= LONGEST_NAME:
        return text
    return f"{text[: LONGEST_NAME - 18]}… {sha256(text.encode()).hexdigest()[:16]}"


@cache
def order_template(name: str) -> Mapping[str, Any]:
    return json.loads((DATA / "orders" / f"{name}.json").read_text(encoding="utf-8"))


def order_template_names() -> list[str]:
    return sorted(path.stem for path in (DATA / "orders").glob("*.json"))


def open_orders(data: bytes) -> Sheet:
    """A file of orders as a table, whoever's it is. Raises DomainError `file_*` where it is none."""
    return open_table(data, limits=OF_ORDERS, known=_most_known)


def _most_known(headings: Sequence[str]) -> int:
    return max(len(_places(order_template(name), headings)) for name in order_template_names())


MEANINGS = (
    "number", "line_number", "sku", "title", "options", "quantity", "unit_price", "extra_price", "currency",
    "customer_name", "placed_at",
)  # fmt: skip


def recognised_columns(name: str, headings: Sequence[str]) -> dict[str, list[str]]:
    """What a marketplace's template knows of some headings: meaning -> those that may hold it."""
    return {
        key: [heading for _at, heading in places] for key, places in _places(order_template(name), headings).items()
    }


def best_order_template(headings: Sequence[str]) -> str:
    """The marketplace whose columns a table has the most of."""
    return max(order_template_names(), key=lambda name: len(_places(order_template(name), headings)))


def read_orders(
    name: str, table: Sheet, *, columns: Mapping[str, str] | None = None, currency: str = ""
) -> tuple[list[SaidOrder], list[Problem]]:
    """The orders in the file's order, and what is wrong by line and column. An order with a bad line is left out whole.

    `columns` (meaning -> heading) say what people chose themselves. Orders in another `currency` are named too.
    Raises DomainError `columns_missing` where the file cannot be a file of orders.
    """
    template = columns or order_template(name)
    places = _places(template, table.headings)
    if missing := [key for key in NEEDED if key not in places]:
        names = ", ".join(_names(order_template(name)[key])[0] for key in missing)
        message = _("This file lacks the columns %(names)s. Choose the marketplace it is of.") % {"names": names}
        raise DomainError("columns_missing", message, [Problem("columns_missing", message, "file")])
    return _Orders(template, places, currency).read(table)


class _Orders:
    def __init__(self, template: Mapping[str, Any], places: Mapping[str, list[tuple[int, str]]], currency: str) -> None:
        self.template, self.places, self.currency = template, places, currency
        self.cancels = {word.casefold() for word in template.get("cancelled_if", ())}
        self.paid = set(template.get("paid_if", ()))
        self.sent = {word.casefold() for word in template.get("sent_if", ())}
        self.there: set[str] = set()  # orders of which something did not leave yet
        self.seen: dict[tuple[str, str], tuple[SaidLine, bool]] = {}
        self.given_up: dict[str, list[SaidLine]] = {}  # lines that were cancelled one by one
        self.last = ""  # the order of the row before
        self.begun: dict[str, int] = {}  # where the rows of an order that stand together begin
        self.later: dict[tuple[str, int], list[SaidLine]] = {}  # lines that stand apart from the first of their order
        self.orders: dict[str, SaidOrder] = {}
        self.problems: list[Problem] = []
        self.bad: set[str] = set()

    def read(self, table: Sheet) -> tuple[list[SaidOrder], list[Problem]]:
        for at, row in table.rows:
            number = self._name(row, "number", at)
            if number is None:
                continue
            order = self.orders.setdefault(number, SaidOrder(number, at))
            if number != self.last:
                self.last, self.begun[number] = number, at
            self._heading(order, row, at)
            if line := self._line(row, at):
                self._put(order, line, row, at)
            else:
                self.bad.add(number)
        self._join()
        for number, lines in self.given_up.items():
            order = self.orders[number]
            if not order.lines:
                order.lines, order.is_cancelled = lines, True
        return [order for number, order in self.orders.items() if number not in self.bad], self.problems

    def _join(self) -> None:
        """What stands apart belongs to its order, unless the order is told a second time by it."""
        first = {number: list(self.orders[number].lines) for number, _at in self.later}
        for (number, at), lines in self.later.items():
            order = self.orders[number]
            if lines == first[number]:
                self._problem("line_twice", _("This order stands in the file twice. It is taken once."), "number", at)
            elif {line.known_as for line in lines} & {line.known_as for line in order.lines}:
                message = _("This order stands in the file twice, with different content. It is left out.")
                self._problem("line_contradicts", message, "number", at)
                self.bad.add(number)
            else:
                order.lines += lines
        for number, order in self.orders.items():
            if len(order.lines) > MOST_LINES:
                message = _("An order has at most %(most)s lines. Is this the column of order numbers?")
                self._problem("too_many_lines", message % {"most": MOST_LINES}, "number", order.at)
                self.bad.add(number)

    def _put(self, order: SaidOrder, line: SaidLine, row: Sequence[str], at: int) -> None:
        """A line into its order: the same line twice is one; a line that was given up alone leaves the others."""
        cancelled = self._text(row, "cancelled_word").casefold() in self.cancels
        if line.line_number:
            key = (order.number, line.line_number)
            before = self.seen.setdefault(key, (line, cancelled))
            if before[0] is not line:
                self._twice(order, before, (line, cancelled), at)
                return
        if cancelled and line.line_number:
            self.given_up.setdefault(order.number, []).append(line)
            return
        self._leaving(order, row)
        order.is_cancelled |= cancelled or bool(self._text(row, "cancelled_if_filled"))
        begun = self.begun[order.number]
        if line.line_number or begun == order.at:
            order.lines.append(line)
        else:
            self.later.setdefault((order.number, begun), []).append(line)

    def _leaving(self, order: SaidOrder, row: Sequence[str]) -> None:
        """An order is sent once each of its lines is. A row that says nothing of it stands with the one before."""
        if word := self._text(row, "sent_word").casefold():
            if word not in self.sent:
                self.there.add(order.number)
            order.is_sent = order.number not in self.there

    def _twice(self, order: SaidOrder, before: tuple[SaidLine, bool], now: tuple[SaidLine, bool], at: int) -> None:
        if before == now:
            message = _("This line stands in the file twice. It is taken once.")
            self._problem("line_twice", message, "line_number", at)
            return
        message = _("This line stands in the file twice, with different content. The order is left out.")
        self._problem("line_contradicts", message, "line_number", at)
        self.bad.add(order.number)

    def _heading(self, order: SaidOrder, row: Sequence[str], at: int) -> None:
        order.customer_name = order.customer_name or self._text(row, "customer_name")[:120]
        order.currency = order.currency or self._text(row, "currency").upper()[:8]
        if order.placed_at is None and (text := self._text(row, "placed_at")):
            order.placed_at = _moment(text)
            if order.placed_at is None:
                self._problem("no_date", _("“%(text)s” is no date.") % {"text": text[:40]}, "placed_at", at)
        if paid := self._text(row, "paid_word"):
            order.is_paid = paid.casefold() in self.paid
        if (told := self._text(row, "currency").upper()) and self.currency and told != self.currency:
            message = _("This order is in %(told)s and the channel sells in %(currency)s. It is kept to be looked at.")
            self._problem("other_currency", message % {"told": told[:8], "currency": self.currency}, "currency", at)

    def _line(self, row: Sequence[str], at: int) -> SaidLine | None:
        quantity, price = self._number(row, "quantity", at), self._number(row, "unit_price", at)
        extra = self._number(row, "extra_price", at)
        line_number = self._name(row, "line_number", at) if self._text(row, "line_number") else ""
        if quantity is None or price is None or extra is None or line_number is None:
            return None
        if quantity != int(quantity) or not 0 < quantity <= MOST_PIECES:
            self._problem("bad_quantity", _("Pieces are whole numbers from 1."), "quantity", at)
            return None
        unit_price = price_of(price + extra)
        if unit_price is None:
            code, words = "too_much", _("This is more than any price.")
            if price + extra < 0:
                code, words = "negative", _("A price is 0 or more.")
            self._problem(code, words, "unit_price", at)
            return None
        sku, title = self._sku(row), self._text(row, "title")[:300]
        if not sku and not title:
            self._problem("no_goods", _("A line has a SKU or a title."), "sku", at)
            return None
        return SaidLine(
            sku=sku,
            title=title,
            options=self._text(row, "options")[:200],
            quantity=int(quantity),
            unit_price=unit_price,
            line_number=line_number,
        )

    def _sku(self, row: Sequence[str]) -> str:
        """Of one variant. A code of the whole product says which only together with the options."""
        if sku := self._text(row, "sku"):
            return short_name(sku)
        code = self._text(row, "product_code")
        return short_name(" / ".join(filter(None, (code, self._text(row, "options"))))) if code else ""

    def _name(self, row: Sequence[str], key: str, at: int) -> str | None:
        """What an order or a line goes by; None, and a problem, where that is no name of its own."""
        found = self._text(row, key)
        if found and len(found) <= LONGEST_NUMBER and not ROUNDED.fullmatch(found):
            return found
        if not found:
            self._problem("no_number", _("This line has no order number."), key, at)
        elif len(found) > LONGEST_NUMBER:
            message = _("A number has at most %(most)s characters.") % {"most": LONGEST_NUMBER}
            self._problem("too_long", message, key, at)
        else:
            message = _("“%(text)s” was rounded by a spreadsheet. Upload the file as the marketplace made it.")
            self._problem("rounded_number", message % {"text": found}, key, at)
        return None

    def _text(self, row: Sequence[str], key: str) -> str:
        """The first filled one of a field's columns."""
        return next((text for place, _h in self.places.get(key, ()) if (text := restored(row[place]).strip())), "")

    def _number(self, row: Sequence[str], key: str, at: int) -> Decimal | None:
        text = self._text(row, key).strip(CURRENCY_SIGNS)
        found = number_in(without_commas(text))
        if found is None:
            self._problem("no_number", _("“%(text)s” is no number.") % {"text": text[:40]}, key, at)
        return found

    def _problem(self, code: str, message: str, key: str, at: int) -> None:
        headings = self.places.get(key)
        self.problems.append(Problem(code, message, field=headings[0][1] if headings else key, line=at))


def _places(template: Mapping[str, Any], headings: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Key -> the columns that may hold it, in the order they are asked."""
    at = {folded(heading): place for place, heading in reversed(list(enumerate(headings)))}
    found = {
        key: [(at[folded(name)], name) for name in _names(names) if folded(name) in at]
        for key, names in template.items()
        if key not in ("name", "source", "paid_if", "cancelled_if", "sent_if")
    }
    return {key: places for key, places in found.items() if places}


def _names(names: str | Sequence[str]) -> Sequence[str]:
    return [names] if isinstance(names, str) else names


def _moment(text: str) -> datetime | None:
    """A date, or a date and a time; without an offset, of the current time zone."""
    try:
        found = parse_datetime(text) or _as_people_write(text)
    except ValueError:
        return None
    if found and timezone.is_naive(found):
        found = timezone.make_aware(found) if storable_moment(found) else None
    return storable_moment(found)


def _as_people_write(text: str) -> datetime | None:
    """2026.3.1, 2026년 3월 1일, 2026/03/01 오후 3:05. Raises ValueError for a day that is none."""
    parts = MOMENT.fullmatch(text)
    if parts is None:
        return None
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or parts["late"] or "").casefold()
    if half in AFTERNOON and hour < 12:
        hour += 12
    elif half in MORNING and hour == 12:
        hour = 0
    day = int(parts["year"]), int(parts["month"]), int(parts["day"])
    return datetime(*day, hour, int(parts["minute"] or 0), int(parts["second"] or 0))

"""A history as CSV or XLSX: every row, in constant memory, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from io import StringIO
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook

from erp.inventory.models import MovementKind
from erp.inventory.querysets import MovementQuerySet

CHUNK = 2_000
BOM = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine
SHEET_ROWS = 1_048_576
_FORMULA = re.compile(r"^[=+\-@\t\r|%]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

Column = tuple[str, str | Combinable]
Rows = Iterator[list[Any]]


def csv_history(movements: MovementQuerySet) -> Iterator[bytes]:
    """The rows of a (filtered) history as the parts of a UTF-8 CSV file, newest first."""
    header, rows = _table(movements)

    def parts() -> Iterator[bytes]:
        buffer = StringIO()
        writer = csv.writer(buffer)
        buffer.write(BOM)
        writer.writerow(header)
        for number, row in enumerate(rows):
            writer.writerow(row)
            if number % CHUNK == 0:
                yield _taken(buffer)
        yield _taken(buffer)

    return parts()


def xlsx_history(movements: MovementQuerySet, file: IO[bytes]) -> None:
    """Writes the rows of a (filtered) history as a workbook; what does not fit on a sheet goes on to the next."""
    header, rows = _table(movements)
    book = Workbook(write_only=True)
    sheet: Any = None
    for number, row in enumerate(rows):
        if number % (SHEET_ROWS - 1) == 0:
            sheet = _sheet(book, header)
        sheet.append(row)
    if sheet is None:
        _sheet(book, header)
    book.save(file)


def safe_text(text: str) -> str:
    """A cell that a spreadsheet shows as it is: no formula (CSV injection), no sign that XML cannot hold."""
    text = _UNPRINTABLE.sub("", text)
    return f"'{text}" if _FORMULA.match(text) else text


def _table(movements: MovementQuerySet) -> tuple[list[str], Rows]:
    """Headings and rows, in the language and with the columns of this moment."""
    columns = _columns(at_place="balance" in movements.query.annotations)
    values = movements.order_by("-pk").values_list("brand__time_zone", *(value for _heading, value in columns))
    return [heading for heading, _value in columns], _rows(values.iterator(chunk_size=CHUNK))


def _columns(*, at_place: bool) -> list[Column]:
    kinds = [When(kind=kind, then=Value(str(label))) for kind, label in MovementKind.choices]
    here: list[Column] = [(_("Change"), "change"), (_("Balance"), "balance")] if at_place else []
    return [
        (_("No."), "pk"),
        (_("Brand"), "brand__slug"),
        (_("Happened"), "occurred_at"),
        (_("Recorded"), "recorded_at"),
        (_("Kind"), Case(*kinds, output_field=CharField())),
        (_("Style number"), "variant__product__style_number"),
        (_("Product"), _name("variant__product")),
        (_("Colour"), _name("variant__colour")),
        (_("Size"), "variant__size__code"),
        (_("SKU"), "variant__sku"),
        (_("Quantity"), "quantity"),
        (_("From"), _name("source")),
        (_("Left there"), "source_balance"),
        (_("To"), _name("destination")),
        (_("Then there"), "destination_balance"),
        *here,
        (_("By"), "actor__username"),
        (_("Reference"), Coalesce(NullIf("reference", Value("")), "posting__reference")),
        (_("Note"), Coalesce(NullIf("note", Value("")), "posting__note")),
        (_("Posting"), "posting__public_id"),
        (_("Reverses No."), "reverses"),
    ]


def _name(path: str) -> Combinable:
    """`Named.name` as the database computes it."""
    first, second = ("name_en", "name_ko") if get_language() == "en" else ("name_ko", "name_en")
    return Coalesce(NullIf(F(f"{path}__{first}"), Value("")), F(f"{path}__{second}"))


def _rows(values: Iterator[tuple[Any, ...]]) -> Rows:
    zone = cache(ZoneInfo)
    for time_zone, *row in values:
        yield [_shown(value, zone(time_zone)) for value in row]


def _shown(value: Any, zone: ZoneInfo) -> Any:
    """Numbers as numbers, moments as the clock of the brand shows them, texts made safe."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return safe_text(str(value))


def _sheet(book: Workbook, header: list[str]) -> Any:
    sheet = book.create_sheet(_("History"))
    sheet.freeze_panes = "A2"
    sheet.append(header)
    return sheet


def _taken(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()

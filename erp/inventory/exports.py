"""A history as CSV or XLSX: every row, in constant memory, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from erp.core.tables import CHUNK, csv_parts, safe_text, write_workbook
from erp.inventory.models import MovementKind
from erp.inventory.querysets import MovementQuerySet

Column = tuple[str, str | Combinable]
Rows = Iterator[list[Any]]


def csv_history(movements: MovementQuerySet) -> Iterator[bytes]:
    """The rows of a (filtered) history as the parts of a UTF-8 CSV file, newest first."""
    return csv_parts(*_table(movements))


def xlsx_history(movements: MovementQuerySet, file: IO[bytes]) -> None:
    """Writes the rows of a (filtered) history as a workbook."""
    header, rows = _table(movements)
    write_workbook(header, rows, file, title=_("History"))


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

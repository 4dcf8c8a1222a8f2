"""The size table of a product (실측 사이즈), set as a whole: what it does not name is no longer measured."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.audit import record_changed, record_created, remember
from catalog.measuring import MOST_CM, measured_rows, points, sizes_of
from catalog.models import Measurement, Product, Size
from erp.core.audit import by_actor
from erp.core.errors import DomainError, Problem
from erp.core.models import User

FIELD = "size_table"
_CM = re.compile(r"(\d{1,9})(?:[.,](\d{1,9}))?(?:\s*cm)?", re.IGNORECASE)
Cells = dict[tuple[int, str], tuple[Size, Decimal]]


class NoMeasure(ValueError):
    """What was said of a cell is no measure; the text says how to mend it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def cell_field(size: str, point: str) -> str:
    """What refusals call a cell: `size_table.S.length`."""
    return f"{FIELD}.{size}.{point}"


@by_actor
@transaction.atomic
def set_size_table(*, product: Product, actor: User, table: Mapping[str, Mapping[str, Any]]) -> None:
    """`table` gives centimetres by size and point: 52.5, "52,5"; None and blanks are not measured.

    Raises DomainError with a problem for each cell, size and point that cannot be; `cell_field` names the cell.
    """
    # Two tables saved at once for one product wait for each other; `no_key` lets stock move meanwhile.
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    wanted = _checked(product, table)
    rows = {(row.size_id, row.point): row for row in product.measurements.select_related("size")}
    gone = [row for place, row in rows.items() if place not in wanted]
    changed = [row for place, row in rows.items() if place in wanted and row.value != wanted[place][1]]
    new = [
        Measurement(product=product, size=size, point=point, value=value)
        for (size_id, point), (size, value) in wanted.items()
        if (size_id, point) not in rows
    ]
    for row in gone:
        row.delete()
    before = remember(changed)
    for row in changed:
        row.value = wanted[row.size_id, row.point][1]
    Measurement.objects.bulk_update(changed, ["value"])
    record_changed(changed, before)
    Measurement.objects.bulk_create(new)
    record_created(new)
    if gone or changed or new:
        # Saved, not only touched: whoever shows the product elsewhere follows what is saved.
        product.save(update_fields=["updated_at"])


@by_actor
@transaction.atomic
def set_measures(*, product: Product, actor: User, sizes: Mapping[str, Mapping[str, Any]]) -> None:
    """As `set_size_table`, of these sizes only: the others stay as they are."""
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    now = measured_rows(product.measurements.select_related("size"))
    offered = sizes_of(product)
    kept = {size: cells for size, cells in now.items() if size in offered}
    set_size_table(product=product, actor=actor, table=kept | dict(sizes))


def _checked(product: Product, table: Mapping[str, Mapping[str, Any]]) -> Cells:
    sizes = sizes_of(product)
    problems = list(_unknown(table, sizes))
    found: Cells = {}
    for code, cells in table.items():
        for point, said in cells.items():
            if code not in sizes or point not in points():
                continue
            try:
                value = read_cm(said)
            except NoMeasure as error:
                problems.append(Problem(error.code, str(error), cell_field(code, point)))
                continue
            if value is not None:
                found[sizes[code].pk, point] = sizes[code], value
    if problems:
        raise DomainError("size_table_refused", _("Some of the measurements need mending."), problems)
    return found


def _unknown(table: Mapping[str, Mapping[str, Any]], sizes: Mapping[str, Size]) -> Iterator[Problem]:
    """Sizes that the product does not come in, and points that nobody measures: each once."""
    for code in table:
        if code in sizes:
            continue
        words = {"size": code[:40], "sizes": ", ".join(sizes)}
        if sizes:
            message = _("The product does not come in size “%(size)s”. Use one of: %(sizes)s.") % words
        else:
            message = _("The product has no sizes yet. Choose its sizes first.")
        yield Problem("unknown_size", message, f"{FIELD}.{code[:40]}")
    named = {point: code for code, cells in table.items() for point in cells}
    for point, code in named.items():
        if point not in points():
            words = {"point": point[:40], "points": ", ".join(points())}
            message = _("Nothing is measured at “%(point)s”. Use one of: %(points)s.") % words
            yield Problem("unknown_point", message, cell_field(code[:40], point[:40]))


def read_cm(said: Any) -> Decimal | None:
    """What a person or a program says of one cell; None for nothing. Raises NoMeasure."""
    text = unicodedata.normalize("NFKC", "" if said is None else str(said)).strip()
    if not text:
        return None
    match = _CM.fullmatch(text)
    if not match:
        message = _("“%(text)s” is no measure. Write centimetres such as 52.5, or leave it blank.")
        raise NoMeasure("no_measure", message % {"text": text[:40]})
    whole, part = match[1], (match[2] or "").rstrip("0")
    if len(part) > 1:
        raise NoMeasure("measure_too_fine", _("Write at most one decimal, such as 52.5."))
    value = Decimal(f"{whole}.{part or 0}")
    if not value:
        raise NoMeasure(
            "measure_not_positive", _("A measure is more than 0. Leave the cell blank if it is not measured.")
        )
    if value > MOST_CM:
        message = _("At most %(most)s cm. Check for a typing error, or for millimetres.")
        raise NoMeasure("measure_too_long", message % {"most": MOST_CM})
    return value

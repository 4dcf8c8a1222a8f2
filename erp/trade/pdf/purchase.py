"""A purchase order on A4, as its supplier reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from erp.core.pdf import BOLD, MM, REGULAR
from erp.core.templatetags.jangbu import count, day, money
from erp.trade.models import PurchaseOrder
from erp.trade.pdf.flow import FORMATS, Barcode, Block, Cell, Paper, Part, Row
from erp.trade.selectors.purchase_page import PurchaseTable, tables_of
from erp.trade.words import cost_words

FORM = FORMATS["a4"]
SIZE = FORM.size
NAME_WIDTH = 42 * MM  # of the column of colours
MOST_SIZES = 9  # beside each other; more go on below


def purchase_pdf(order: PurchaseOrder) -> bytes:
    """Its texts are in the language of the request."""
    tables = [table for table in tables_of(order) if table.ordered]
    blocks = [block for table in tables for block in _blocks(table, order.currency)]
    blocks.append(Block(list(_end(order, tables))))
    title = _("Purchase order")
    return Paper(f"{title} {order.number}", lambda page, pages: _head(order, page, pages), blocks, _carried).render(
        FORM
    )


def _head(order: PurchaseOrder, page: int, pages: int) -> Sequence[Part]:
    zone = ZoneInfo(order.brand.time_zone)
    moment = timezone.localtime(order.ordered_at or order.created_at, zone)
    number = f"{order.number}  ({page}/{pages})" if pages > 1 else order.number
    rows = [
        _wide(_("Purchase order"), SIZE * 1.8, BOLD, "centre"),
        _wide(number, SIZE, REGULAR, "centre", above=1 * MM),
        _wide(_("To %(buyer)s") % {"buyer": order.supplier.name}, SIZE * 1.3, BOLD, above=5 * MM),
        _wide(_("From %(brand)s") % {"brand": order.brand.name}, SIZE * 1.1, above=1 * MM),
        _wide(_("Ordered on %(day)s") % {"day": day(moment)}, SIZE, above=1 * MM),
    ]
    if order.expected_on:
        rows.append(_wide(_("Expected on %(day)s") % {"day": day(order.expected_on)}, SIZE, BOLD))
    rows.append(_wide(_("Deliver to: %(shop)s") % {"shop": order.location.name}, SIZE))
    return rows


def _blocks(table: PurchaseTable, currency: str) -> Iterator[Block]:
    product = table.product
    name = Row([Cell(f"{product.style_number}  {product.name}", 0, FORM.room, SIZE * 1.1, BOLD)], above=5 * MM)
    for first in range(0, len(table.sizes), MOST_SIZES):
        part = slice(first, first + MOST_SIZES)
        words = [_("Colour"), *(size.code for size in table.sizes[part]), _("Total")]
        heading = [name, _line(words, BOLD, rule=FORM.room)]
        for number, (colour, cells) in enumerate(table.rows):
            pieces = [cell.quantity if cell else 0 for cell in cells[part]]
            texts = [colour.name, *(count(n) if n else "–" for n in pieces), count(sum(pieces))]
            row = _line(texts, REGULAR)
            yield Block([*heading, row] if number == 0 else [row], again=heading[0])
    figures = [ngettext("%(n)s piece", "%(n)s pieces", table.ordered) % {"n": count(table.ordered)}]
    if table.costs:
        figures.append(_("%(cost)s a piece") % {"cost": cost_words(table.costs, currency)})
        figures.append(money(table.amount, currency))
    yield Block([_wide("  ·  ".join(figures), SIZE, BOLD, "right", above=1 * MM)])


def _line(texts: Sequence[str], font: str, rule: float = 0) -> Row:
    """A colour and its pieces; columns of one width, whatever number of sizes there is."""
    width = min((FORM.room - NAME_WIDTH) / (len(texts) - 1), 22 * MM)
    cells = [Cell(texts[0], 0, NAME_WIDTH - 2 * MM, SIZE, font)]
    left = NAME_WIDTH
    for text in texts[1:]:
        cells.append(Cell(text, left, width, SIZE, font, "right", lines=1))
        left += width
    return Row(cells, above=(3 if rule else 0.8) * MM, rule=rule)


def _end(order: PurchaseOrder, tables: Sequence[PurchaseTable]) -> Iterator[Part]:
    pieces = sum(table.ordered for table in tables)
    amount = sum((table.amount for table in tables), Decimal(0))
    words = ngettext("%(n)s piece", "%(n)s pieces", pieces) % {"n": count(pieces)}
    if amount:
        words += f"  ·  {money(amount, order.currency)}"
    total = _("Total %(words)s") % {"words": words}
    yield Row([Cell(total, 0, FORM.room, SIZE * 1.3, BOLD, "right")], above=6 * MM, rule=FORM.room)
    if order.note:
        yield _wide(_("Note: %(note)s") % {"note": order.note}, SIZE, above=3 * MM)
    yield Barcode(order.number, FORM.room)


def _carried(so_far: Decimal) -> Row:
    """Amounts stand at each product; what is carried over is only that there is more."""
    return _wide(pgettext("purchase order", "Continued"), SIZE * 0.85, above=1 * MM)


def _wide(text: str, size: float, font: str = REGULAR, align: str = "left", above: float = 0) -> Row:
    return Row([Cell(text, 0, FORM.room, size, font, align)], above=above)  # type: ignore[arg-type]

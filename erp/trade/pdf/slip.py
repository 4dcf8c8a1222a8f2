"""A slip on paper: A4, A6, or a receipt roll of 80 mm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from erp.core.money import decimals_of
from erp.core.pdf import BOLD, MM, REGULAR
from erp.core.templatetags.jangbu import count, day, money
from erp.trade.models import Slip, SlipLine
from erp.trade.pdf.flow import FORMATS, Barcode, Block, Cell, Format, Paper, Part, Row
from erp.trade.selectors.slips import SlipGroup, SlipRow, groups_of, heading_of, money_rows


def slip_pdf(slip: Slip, width: str) -> bytes:
    """The PDF of a slip; `width` is one of `FORMATS`. Its texts are in the language of the request."""
    return _SlipPaper(slip, FORMATS[width]).paper().render(FORMATS[width])


class _SlipPaper:
    def __init__(self, slip: Slip, form: Format) -> None:
        self.slip, self.form = slip, form
        self.groups = groups_of(slip.lines.select_related("variant"))

    def paper(self) -> Paper:
        blocks = [Block([self._columns()]), *self._lines(), Block(list(self._end()))]
        return Paper(f"{heading_of(self.slip)} {self.slip}", self._head, blocks, self._carried)

    def _head(self, page: int, pages: int) -> Sequence[Part]:
        slip, size = self.slip, self.form.size
        moment = timezone.localtime(slip.recorded_at, ZoneInfo(slip.brand.time_zone))
        number = f"{slip}  ({page}/{pages})" if pages > 1 else str(slip)
        rows = [
            self._wide(slip.brand_name, size * 1.5, BOLD, "centre"),
            self._wide(heading_of(slip), size * 1.25, BOLD, "centre", above=1 * MM),
            self._wide(number, size, REGULAR, "centre"),
            self._wide(f"{day(slip.day)}  {moment:%H:%M}", size, REGULAR, "centre"),
            self._wide(_("To %(buyer)s") % {"buyer": slip.buyer_name}, size * 1.25, BOLD, above=2 * MM),
        ]
        if slip.shop_name:
            rows.append(self._wide(_("Deliver to: %(shop)s") % {"shop": slip.shop_name}, size))
        if slip.reverses:
            rows.append(self._wide(_("Takes back slip %(number)s.") % {"number": slip.reverses}, size, BOLD))
        return rows

    def _wide(self, text: str, size: float, font: str = REGULAR, align: str = "left", above: float = 0) -> Row:
        return Row([Cell(text, 0, self.form.room, size, font, align)], above=above)  # type: ignore[arg-type]

    def _columns(self) -> Row:
        words = [_("Item, colour / size"), pgettext("slip", "Pieces"), pgettext("slip", "Price"), _("Amount")]
        return Row(self._cells(words, BOLD), above=3 * MM, rule=self.form.room)

    def _cells(self, texts: Sequence[str], font: str = REGULAR, indent: float = 0) -> list[Cell]:
        """A line of the table: words to the left, three figures to the right."""
        form, left = self.form, self.form.words
        cells = [Cell(texts[0], indent, left - indent - 1 * MM, form.size, font)]
        for text, width in zip(texts[1:], (form.quantity, form.price, form.amount), strict=True):
            cells.append(Cell(text, left + 0.8 * MM, width - 0.8 * MM, form.size, font, "right", lines=1))
            left += width
        return cells

    def _lines(self) -> Iterator[Block]:
        for group in self.groups:
            name = Row([Cell(group.name, 0, self.form.room, self.form.size, BOLD)], above=2 * MM, rule=self.form.room)
            for number, row in enumerate(group.rows):
                parts = self._row(row, group)
                yield Block([name, *parts] if number == 0 else parts, again=name)

    def _row(self, row: SlipRow, group: SlipGroup) -> list[Part]:
        marks = [f"[{word}]" for word in (row.mark, row.pack) if word]
        words = " ".join([*marks, row.words])
        figures = [count(row.quantity), self._figure(row.unit_price), self._figure(row.amount)]
        if row.kind == SlipLine.Kind.DELIVERED:
            figures[1] = figures[2] = "–"
        font = BOLD if row.mark else REGULAR
        return [Row(self._cells([words, *figures], font, indent=2 * MM), above=0.6 * MM, amount=row.amount)]

    def _figure(self, amount: Decimal) -> str:
        """Without its currency, which stands at the sums."""
        return number_format(amount, decimals_of(self.slip.currency), use_l10n=True, force_grouping=True)

    def _carried(self, so_far: Decimal) -> Row:
        return self._sum(pgettext("slip", "Carried over"), so_far, REGULAR, self.form.size, rule=self.form.room)

    def _sum(
        self, label: str, amount: Decimal, font: str, size: float, *, above: float = 0.8 * MM, rule: float = 0
    ) -> Row:
        room, share = self.form.room, self.form.room * 0.55
        return Row(
            [
                Cell(label, 0, share - 1 * MM, size, font),
                Cell(money(amount, self.slip.currency), share, room - share, size, font, "right", lines=1),
            ],
            above=max(above, 2 * MM if rule else 0),
            rule=rule,
        )

    def _end(self) -> Iterator[Part]:
        """The sums, who wrote it, and the number to scan: they stay together."""
        slip, size = self.slip, self.form.size
        pieces = sum(group.quantity for group in self.groups)
        text = ngettext("%(n)s piece", "%(n)s pieces", pieces) % {"n": count(pieces)}
        yield Row([Cell(text, 0, self.form.room, size, BOLD)], above=3 * MM, rule=self.form.room)
        *rows, last = money_rows(slip)
        for label, amount in rows:
            yield self._sum(label, amount, REGULAR, size)
        yield self._sum(*last, BOLD, size * 1.25, above=1.5 * MM)
        if any(row.kind == SlipLine.Kind.OWED for group in self.groups for row in group.rows):
            yield self._wide(_("What is marked as owed is paid for here and follows later."), size, above=2 * MM)
        if slip.note:
            yield self._wide(_("Note: %(note)s") % {"note": slip.note}, size, above=2 * MM)
        yield self._wide(_("Written by %(person)s") % {"person": slip.actor_name}, size, above=2 * MM)
        yield Barcode(str(slip), self.form.room)
        yield self._wide(str(slip), size * 0.85, REGULAR, "centre", above=0.5 * MM)

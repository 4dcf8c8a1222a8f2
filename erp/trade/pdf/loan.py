"""The paper that a borrower signs (샘플 대여증)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from erp.core.pdf import BOLD, MM, REGULAR
from erp.core.templatetags.jangbu import count, day
from erp.trade.models import Loan, LoanLine
from erp.trade.pdf.flow import FORMATS, Barcode, Block, Cell, Format, Paper, Part, Row

LOAN_WIDTHS = ("a6", "a4")


def loan_pdf(loan: Loan, width: str) -> bytes:
    """The PDF of a loan; `width` is one of `LOAN_WIDTHS`."""
    form = FORMATS[width]
    return _LoanPaper(loan, form).paper().render(form)


class _LoanPaper:
    def __init__(self, loan: Loan, form: Format) -> None:
        self.loan, self.form = loan, form
        self.lines: list[LoanLine] = list(
            loan.lines.select_related("variant__product", "variant__colour", "variant__size")
        )

    def paper(self) -> Paper:
        blocks = [Block([self._columns()]), *self._lines(), Block(list(self._end()))]
        title = " ".join([_("Sample loan slip"), self.loan.number])
        return Paper(title, self._head, blocks, lambda _sum: Row([self._cell("…")]))

    def _cell(self, text: str, size: float = 0, font: str = REGULAR, **more: object) -> Cell:
        return Cell(text, 0, self.form.room, size or self.form.size, font, **more)  # type: ignore[arg-type]

    def _head(self, page: int, pages: int) -> Sequence[Part]:
        loan, size = self.loan, self.form.size
        moment = timezone.localtime(loan.created_at, ZoneInfo(loan.brand.time_zone))
        number = f"{loan.number}  ({page}/{pages})" if pages > 1 else loan.number
        facts = [
            f"{number}   {day(moment.date())} {moment:%H:%M}",
            _("Due back on %(day)s") % {"day": day(loan.due_on)},
        ]
        return [
            Row([self._cell(loan.brand.name, size * 1.3, BOLD, align="centre")]),
            Row([self._cell(_("Sample loan slip"), size * 1.5, BOLD, align="centre")], above=1 * MM),
            Row([self._cell(facts[0], align="centre")], above=1 * MM),
            Row([self._cell(_("Borrower: %(name)s") % {"name": loan.borrower.name}, size * 1.2, BOLD)], above=3 * MM),
            Row([self._cell(facts[1], size * 1.2, BOLD)]),
        ]

    def _columns(self) -> Row:
        return self._line(_("Item, colour / size"), pgettext("slip", "Pieces"), BOLD, above=3 * MM)

    def _line(self, words: str, figure: str, font: str = REGULAR, above: float = 1 * MM) -> Row:
        form = self.form
        left = form.room - form.quantity
        cells = [
            Cell(words, 0, left - 1 * MM, form.size, font),
            Cell(figure, left, form.quantity, form.size, font, "right", lines=1),
        ]
        return Row(cells, above=above, rule=form.room if font == BOLD else 0)

    def _lines(self) -> Iterator[Block]:
        for line in self.lines:
            variant = line.variant
            name = variant.product.name or variant.product.style_number
            words = f"{name}  {variant.colour.name} / {variant.size.code}  {variant.sku}"
            yield Block([self._line(words, count(line.quantity))])

    def _end(self) -> Iterator[Part]:
        pieces = sum(line.quantity for line in self.lines)
        words = ngettext("%(n)s piece", "%(n)s pieces", pieces) % {"n": count(pieces)}
        yield Row([self._cell(words, 0, BOLD)], above=3 * MM, rule=self.form.room)
        if self.loan.note:
            yield Row([self._cell(_("Note: %(note)s") % {"note": self.loan.note})], above=1 * MM)
        promise = _("I borrow these samples and bring them back by the day above, as they are.")
        yield Row([self._cell(promise)], above=4 * MM)
        yield Row([self._cell(_("Signature: ____________________"))], above=5 * MM)
        yield Barcode(self.loan.number, self.form.room)

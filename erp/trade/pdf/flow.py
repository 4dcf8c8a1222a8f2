"""Rows of text that flow over the pages of a paper: nothing is clipped, long words wrap, and sums are carried over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from reportlab.graphics.barcode.code128 import Code128

from erp.core.pdf import A4, A6, MM, REGULAR, PdfFile, draw_text, wrapped
from erp.core.pdf.paper import ROLL_WIDTH
from erp.core.pdf.text import Align

LEADING = 1.35  # the height of a line of text, in its own size
SMALLEST = 4.5
# PDF readers give up on pages longer than 200 inches; a paper this long on a roll is cut in parts.
LONGEST = 14_000.0
MOST_LINES = 60


class Format(NamedTuple):
    """A width of paper. A `height` of None is as long as the content."""

    width: float
    height: float | None
    margin: float
    size: float  # of plain text
    quantity: float  # widths of the columns of figures; the words take what is left
    price: float
    amount: float

    @property
    def room(self) -> float:
        return self.width - 2 * self.margin

    @property
    def words(self) -> float:
        return self.room - self.quantity - self.price - self.amount


FORMATS = {
    "a4": Format(*A4, 16 * MM, 10, 20 * MM, 30 * MM, 36 * MM),
    "a6": Format(*A6, 6 * MM, 8, 9 * MM, 17 * MM, 21 * MM),
    "80mm": Format(ROLL_WIDTH, None, 4 * MM, 8.5, 9 * MM, 16 * MM, 20 * MM),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Text from `left` on, `width` wide. A figure (`lines=1`) shrinks to fit, words wrap."""

    text: str
    left: float
    width: float
    size: float
    font: str = REGULAR
    align: Align = "left"
    lines: int = MOST_LINES

    @property
    def wrapped(self) -> list[str]:
        if self.lines == 1:
            return [self.text]
        return wrapped(self.text, font=self.font, size=self.size, width=self.width, lines=self.lines)

    @property
    def height(self) -> float:
        return len(self.wrapped) * self.size * LEADING

    def draw(self, canvas: Any, left: float, top: float) -> None:
        at = {"left": self.left, "right": self.left + self.width, "centre": self.left + self.width / 2}[self.align]
        for number, text in enumerate(self.wrapped):
            baseline = top - self.size - number * self.size * LEADING
            limits = {"width": self.width, "smallest": SMALLEST}
            draw_text(canvas, left + at, baseline, text, font=self.font, size=self.size, align=self.align, **limits)


class Part(Protocol):
    """Something that is drawn from `top` downwards, `height` high."""

    @property
    def amount(self) -> Decimal: ...

    @property
    def height(self) -> float: ...

    def draw(self, canvas: Any, left: float, top: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side. `amount` is what it adds to the sum that is carried to the next page."""

    cells: Sequence[Cell]
    above: float = 0
    rule: float = 0  # the length of a line above it
    amount: Decimal = field(default_factory=Decimal)

    @property
    def height(self) -> float:
        return self.above + max((cell.height for cell in self.cells), default=0)

    def draw(self, canvas: Any, left: float, top: float) -> None:
        if self.rule:
            canvas.setLineWidth(0.5)
            canvas.line(left, top - self.above / 2, left + self.rule, top - self.above / 2)
        for cell in self.cells:
            cell.draw(canvas, left, top - self.above)


@dataclass(frozen=True, slots=True)
class Barcode:
    """A number as Code 128, in the middle of `room`, with its quiet zones."""

    text: str
    room: float
    tall: float = 9 * MM
    above: float = 3 * MM
    amount: Decimal = field(default_factory=Decimal)

    @property
    def height(self) -> float:
        return self.above + self.tall

    def draw(self, canvas: Any, left: float, top: float) -> None:
        bar = 0.33 * MM
        code = Code128(self.text, barWidth=bar, barHeight=self.tall, quiet=True)
        if code.width > self.room:
            code = Code128(self.text, barWidth=bar * self.room / code.width, barHeight=self.tall, quiet=True)
        code.drawOn(canvas, left + (self.room - code.width) / 2, top - self.height)


@dataclass(frozen=True, slots=True)
class Block:
    """Parts that stay on one page. `again` is repeated where the next block begins a new page: the name of a group."""

    parts: Sequence[Part]
    again: Row | None = None

    @property
    def height(self) -> float:
        return sum(part.height for part in self.parts)

    @property
    def amount(self) -> Decimal:
        return sum((part.amount for part in self.parts), Decimal(0))


@dataclass(frozen=True, slots=True)
class Paper:
    """What is on a paper: `head` opens each page, told its number and how many there are; `carried` closes and opens a
    page that continues, told the sum so far."""

    title: str
    head: Callable[[int, int], Sequence[Part]]
    blocks: Sequence[Block]
    carried: Callable[[Decimal], Row]

    def render(self, form: Format) -> bytes:
        pages = self._pages(form)
        head = sum(part.height for part in self.head(1, len(pages)))
        longest = max(sum(part.height for part in page) for page in pages)
        height = form.height or head + longest + 2 * form.margin
        pdf = PdfFile((form.width, height), title=self.title)
        for number, page in enumerate(pages, start=1):
            top = height - form.margin
            for part in [*self.head(number, len(pages)), *page]:
                part.draw(pdf.canvas, form.margin, top)
                top -= part.height
            pdf.next_page()
        return pdf.finish()

    def _pages(self, form: Format) -> list[list[Part]]:
        """The parts of each page below its head."""
        head = sum(part.height for part in self.head(1, 2))
        room = (form.height or LONGEST) - 2 * form.margin - head
        carry = self.carried(Decimal(0)).height
        pages: list[list[Part]] = [[]]
        used, so_far = 0.0, Decimal(0)
        again: Row | None = None
        for number, block in enumerate(self.blocks):
            needed = block.height + (carry if number < len(self.blocks) - 1 else 0)
            if pages[-1] and used + needed > room:
                pages[-1].append(self.carried(so_far))
                opening: list[Part] = [self.carried(so_far)]
                if again is not None and again is block.again and again not in block.parts:
                    opening.append(again)
                pages.append(opening)
                used = sum(part.height for part in opening)
            pages[-1] += block.parts
            used += block.height
            so_far += block.amount
            again = block.again
        return pages

"""Where everything stands on one label. Lengths are points; the origin is the label's lower left corner.

A label is laid out once as plain shapes, which are drawn into a PDF and into the preview alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from erp.core.pdf import BOLD, MM, REGULAR, fitted, text_width, wrapped
from erp.labels.drawing.codes import Code
from erp.labels.templates import Template

# The width of a module: what common scanners read at arm's length, and what still looks like a label (millimetres).
NARROWEST, WIDEST = 0.19, 0.375
NARROWEST_DOTS = 2
QR_NARROWEST = 0.3
QR_SHARE = 0.42  # of a label's width
LOWEST_BARS, HIGHEST_BARS = 6 * MM, 13 * MM
TWO_LINES_FROM = 9 * MM  # bars that stay this high leave a name its second line
LEADING = 1.2
BASELINE = 0.9  # of a letter's size below the upper edge of its row
SMALLEST = 4.5
# The label that the sizes of the letters are meant for, without its insets.
BASE_WIDTH, BASE_HEIGHT, MOST_SCALE = 35 * MM, 19.2 * MM, 1.6

Rect = tuple[float, float, float, float]


class Word(NamedTuple):
    """A text with its baseline at `y`, fitted already; `x` is its left end."""

    x: float
    y: float
    text: str
    font: str
    size: float


class Label(NamedTuple):
    words: tuple[Word, ...]
    bars: tuple[Rect, ...]
    code: Code


class LabelText(NamedTuple):
    """What a label says, in its own language."""

    brand: str
    name: str
    style: str
    colour: str
    size: str
    sku: str
    price: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of text: one part at the left, one at the right, which keeps its room first."""

    left: str
    size: float
    font: str = REGULAR
    right: str = ""
    right_size: float = 0

    @property
    def height(self) -> float:
        return max(self.size, self.right_size) * LEADING

    def words(self, x: float, top: float, width: float) -> list[Word]:
        """Both parts on one baseline, `top` being the upper edge of the row."""
        base = top - max(self.size, self.right_size) * BASELINE
        found, left_width = [], width
        if self.right:
            text, size = _fit(self.right, BOLD, self.right_size, width * (0.6 if self.left else 1))
            taken = text_width(text, BOLD, size)
            found.append(Word(x + width - taken, base, text, BOLD, size))
            left_width = width - taken - 0.5 * size
        text, size = _fit(self.left, self.font, self.size, left_width)
        return [Word(x, base, text, self.font, size), *found] if text else found


def lay_out(template: Template, text: LabelText, codes: Iterable[Code]) -> Label:
    """The label with the first of the codes that fits large enough to be read; the last one is a QR code."""
    for code in codes:
        if code.is_square:
            return _beside(template, text, code)
        if module := linear_module(template, code):
            return _above(template, text, code, module)
    raise AssertionError("the last code is square")


def linear_module(template: Template, code: Code) -> float:
    """The width of a module in points; 0 where the code would be too fine. Quiet zones may reach into the insets."""
    room = min(template.label[0] / code.width, (template.label[0] - 2 * template.inset[0]) / code.modules, WIDEST)
    if template.dots_per_mm:
        dots = math.floor(room * template.dots_per_mm + 1e-6)
        return dots / template.dots_per_mm * MM if dots >= NARROWEST_DOTS else 0
    return room * MM if room >= NARROWEST else 0


def _square_module(template: Template, code: Code) -> float:
    """The side of a QR code's module in points. Its quiet zone may reach into the insets above and below."""
    height = min(template.label[1] / code.width, (template.label[1] - 2 * template.inset[1]) / code.modules)
    room = max(min(height, QR_SHARE * template.label[0] / code.width), min(height, QR_NARROWEST))
    if template.dots_per_mm:
        room = math.floor(room * template.dots_per_mm + 1e-6) / template.dots_per_mm
    return room * MM


def _above(template: Template, text: LabelText, code: Code, module: float) -> Label:
    """Words above the bars, and below them what they mean and the SKU."""
    (width, height), (left, foot) = _inner(template)
    scale = _scale(width, height)
    rows = [
        Row(text.brand, 6 * scale, right=text.price, right_size=7 * scale),
        Row(text.name, 8 * scale, BOLD),
        Row(_joined(text.style, text.colour), 6.5 * scale, right=text.size, right_size=7.5 * scale),
    ]
    below = Row(code.text if code.text != text.sku else "", 6 * scale)
    room = height - sum(row.height for row in rows) - 6 * scale * LEADING
    if room - rows[1].height >= TWO_LINES_FROM:
        rows[1:2] = _lines(text.name, 8 * scale, width)
        room = height - sum(row.height for row in rows) - 6 * scale * LEADING
    bars = min(max(room - 2 * scale, LOWEST_BARS), HIGHEST_BARS)
    gap = max(room - bars, 0) / (len(rows) + 1)
    words, top = _stack(rows, left, foot + height, width, gap)
    floor = top - gap - bars
    start = left + (width - code.modules * module) / 2
    runs = tuple((start + x * module, floor, run * module, bars) for x, _y, run, _h in code.runs)
    words += _under(below, text.sku, left, floor - gap / 2, width)
    return Label(tuple(words), runs, code)


def _under(below: Row, sku: str, x: float, top: float, width: float) -> list[Word]:
    """The code's own text at the left and the SKU at the right; the SKU alone in the middle where they are the same."""
    base = top - below.size * BASELINE
    if not below.left:
        text, size = _fit(sku, REGULAR, below.size, width)
        return [Word(x + (width - text_width(text, REGULAR, size)) / 2, base, text, REGULAR, size)]
    left, left_size = _fit(below.left, REGULAR, below.size, width * 0.5)
    room = width - text_width(left, REGULAR, left_size) - below.size / 2
    right, right_size = _fit(sku, REGULAR, below.size, room)
    end = x + width - text_width(right, REGULAR, right_size)
    return [Word(x, base, left, REGULAR, left_size), Word(end, base, right, REGULAR, right_size)]


def _beside(template: Template, text: LabelText, code: Code) -> Label:
    """The square at the left, the words at its right."""
    (width, height), (left, foot) = _inner(template)
    module = _square_module(template, code)
    side, quiet = code.modules * module, code.quiet[0] * module
    start = max(left, quiet)
    floor = foot + (height - side) / 2
    x = start + side + quiet
    room = left + width - x
    scale = _scale(room + 16 * MM, height)
    lines = _lines(text.name, 7.5 * scale, room)
    rows = [
        Row(text.brand, 6 * scale),
        *lines,
        Row(text.style, 6.5 * scale),
        Row(text.colour, 6.5 * scale, right=text.size, right_size=8 * scale),
        Row(text.sku, 6 * scale),
    ]
    if text.price:
        rows.append(Row("", 0, right=text.price, right_size=8 * scale))
    if len(lines) > 1 and sum(row.height for row in rows) > height:
        rows[1:3] = [Row(text.name, 7.5 * scale, BOLD)]
    gap = max(height - sum(row.height for row in rows), 0) / (len(rows) + 1)
    words, _top = _stack(rows, x, foot + height, room, min(gap, 2 * scale))
    runs = tuple(
        (start + run_x * module, floor + side - (y + 1) * module, run * module, module)
        for run_x, y, run, _h in code.runs
    )
    return Label(tuple(words), runs, code)


def _inner(template: Template) -> tuple[tuple[float, float], tuple[float, float]]:
    """Width and height within the insets, and their lower left corner."""
    (width, height), (left, foot) = template.label, template.inset
    return ((width - 2 * left) * MM, (height - 2 * foot) * MM), (left * MM, foot * MM)


def _scale(width: float, height: float) -> float:
    return min(max(min(width / BASE_WIDTH, height / BASE_HEIGHT), 1), MOST_SCALE)


def _lines(name: str, size: float, width: float) -> list[Row]:
    """A name on one line where it fits, else on two."""
    if text_width(name, BOLD, size) <= width:
        return [Row(name, size, BOLD)]
    return [Row(line, size, BOLD) for line in wrapped(name, font=BOLD, size=size, width=width, lines=2)] or [
        Row(name, size, BOLD)
    ]


def _stack(rows: Sequence[Row], x: float, top: float, width: float, gap: float) -> tuple[list[Word], float]:
    """The words of rows below each other, and where the last one ends."""
    words: list[Word] = []
    for row in rows:
        words += row.words(x, top, width)
        top -= row.height + gap
    return words, top + gap


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _fit(text: str, font: str, size: float, width: float) -> tuple[str, float]:
    return fitted(text, font=font, size=size, width=width, smallest=min(max(size * 0.7, SMALLEST), size))

"""Labels on pages: all of them as a PDF, the first page as a picture."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, repeat
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from erp.core.pdf import MM, PdfFile
from erp.core.pdf.text import FONTS
from erp.labels.drawing.layout import Label
from erp.labels.templates import Template

Counted = Sequence[tuple[Label, int]]
DOTS = 150 / 25.4  # of the preview, by millimetre
OUTLINE = "#d8d5cf"


def pdf_of(template: Template, labels: Counted, *, start: int = 1, title: str) -> bytes:
    """Every label as often as it is wanted, from place `start` of the first sheet on.

    A label is written into the file once, and its copies point there.
    """
    pdf = PdfFile((template.page[0] * MM, template.page[1] * MM), title=title)
    written: set[int] = set()
    for place, (number, label) in zip(_places(template, start), _copies(labels), strict=False):
        if place == 0 and written:
            pdf.next_page()
        x, y = _corner(template, place)
        _draw(pdf.canvas, f"label{number}", label, x, y, is_new=number not in written)
        written.add(number)
    return pdf.finish()


def pages_of(template: Template, labels: int, *, start: int = 1) -> int:
    """How many pages so many labels take."""
    return -(-(start - 1 + labels) // template.per_page)


def picture_of(template: Template, labels: Counted, *, start: int = 1, dots: float = DOTS) -> bytes:
    """The first page as a PNG, with the labels' edges drawn faintly."""
    size = (round(template.page[0] * dots), round(template.page[1] * dots))
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    unit = dots / MM
    for place in range(template.per_page):
        left, top = (value * dots for value in template.corner(place))
        right, bottom = left + template.label[0] * dots - 1, top + template.label[1] * dots - 1
        draw.rectangle((left, top, right, bottom), outline=OUTLINE)
    for place, (_number, label) in islice(_first_page(template, labels, start), template.per_page):
        x, y = _corner(template, place)
        for word in label.words:
            at = ((x + word.x) * unit, size[1] - (y + word.y) * unit)
            draw.text(at, word.text, fill=0, font=_font(word.font, round(word.size * unit)), anchor="ls")
        for bar_x, bar_y, width, height in label.bars:
            left, bottom = (x + bar_x) * unit, size[1] - (y + bar_y) * unit
            box = (round(left), round(bottom - height * unit), round(left + width * unit) - 1, round(bottom) - 1)
            draw.rectangle(box, fill=0)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False)
    return out.getvalue()


def _first_page(template: Template, labels: Counted, start: int) -> Iterator[tuple[int, tuple[int, Label]]]:
    return zip(range(start - 1, template.per_page), _copies(labels), strict=False)


def _places(template: Template, start: int) -> Iterator[int]:
    """The places of page after page."""
    place = start - 1
    while True:
        yield place
        place = (place + 1) % template.per_page


def _copies(labels: Counted) -> Iterable[tuple[int, Label]]:
    return ((number, copy) for number, (label, count) in enumerate(labels) for copy in repeat(label, count))


def _corner(template: Template, place: int) -> tuple[float, float]:
    """The lower left corner of a label in points, from the page's own."""
    left, top = template.corner(place)
    return left * MM, (template.page[1] - top - template.label[1]) * MM


def _draw(canvas: Any, name: str, label: Label, left: float, foot: float, *, is_new: bool) -> None:
    if is_new:
        canvas.beginForm(name)
        for word in label.words:
            canvas.setFont(word.font, word.size)
            canvas.drawString(word.x, word.y, word.text)
        # PDF's own words for rectangles and filling them: thousands of codes in a quarter of reportlab's time.
        bars = " ".join(f"{x:.3f} {y:.3f} {width:.3f} {height:.3f} re" for x, y, width, height in label.bars)
        canvas.addLiteral(f"{bars} f")
        canvas.endForm()
    canvas.saveState()
    canvas.translate(left, foot)
    canvas.doForm(name)
    canvas.restoreState()


@lru_cache(maxsize=64)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"{name}.ttf"), max(size, 1))

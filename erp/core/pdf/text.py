"""Text that fits: the project's fonts, measured, shrunk, and shortened between letters where nothing else helps."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from threading import Lock
from typing import Any, Literal, NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR = "JangbuGothic-Regular"
BOLD = "JangbuGothic-Bold"
ELLIPSIS = "…"
# A sign that joins the letter before it: vowels and finals of decomposed Hangul, joiners, variation selectors.
_JOINING = (range(0x1160, 0x1200), range(0x200D, 0x200E), range(0xFE00, 0xFE10))

_registering = Lock()

Align = Literal["left", "centre", "right"]


class FittedText(NamedTuple):
    """What of a text fits, and at which size."""

    text: str
    size: float


def register_fonts() -> None:
    """Once a process, at the first PDF: reading the two files takes a moment."""
    with _registering:
        if BOLD in pdfmetrics.getRegisteredFontNames():
            return
        for name in (REGULAR, BOLD):
            pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))
        pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def text_width(text: str, font: str, size: float) -> float:
    """In points."""
    register_fonts()
    return float(pdfmetrics.stringWidth(text, font, size))


def fitted(text: str, *, font: str = REGULAR, size: float, width: float, smallest: float | None = None) -> FittedText:
    """The text in `width` points: as it is, else smaller down to `smallest`, else shortened with an ellipsis."""
    text = one_line(text)
    natural = text_width(text, font, size)
    if natural <= width:
        return FittedText(text, size)
    floor = size if smallest is None else min(smallest, size)
    shrunk = int(size * width / natural * 10) / 10
    if shrunk >= floor:
        return FittedText(text, shrunk)
    return FittedText(_shortened(text, font, floor, width), floor)


def wrapped(text: str, *, font: str = REGULAR, size: float, width: float, lines: int) -> list[str]:
    """At most `lines` lines of `width` points, broken at spaces where there are any; the last one ends in an ellipsis
    when there is more to say."""
    found: list[str] = []
    rest = one_line(text)
    while rest and len(found) < lines - 1 and text_width(rest, font, size) > width:
        cut = max(_fitting(rest, font, size, width), 1)
        space = rest.rfind(" ", 0, cut + 1)
        cut = space if space > 0 else cut
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        found.append(fitted(rest, font=font, size=size, width=width).text)
    return found


def draw_text(
    canvas: Any,
    x: float,
    y: float,
    text: str,
    *,
    font: str = REGULAR,
    size: float,
    width: float | None = None,
    smallest: float | None = None,
    align: Align = "left",
) -> None:
    """Text with its baseline at `y`, its left end, middle or right end at `x`; within `width` when one is given."""
    register_fonts()
    if width is None:
        text = one_line(text)
    else:
        text, size = fitted(text, font=font, size=size, width=width, smallest=smallest)
    canvas.setFont(font, size)
    draw = {"left": canvas.drawString, "centre": canvas.drawCentredString, "right": canvas.drawRightString}[align]
    draw(x, y, text)


def one_line(text: str) -> str:
    """Composed letters (a Mac's file names come decomposed), single spaces, and no sign that cannot be drawn."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(sign for sign in text if sign == " " or unicodedata.category(sign)[0] != "C")


def _shortened(text: str, font: str, size: float, width: float) -> str:
    room = width - text_width(ELLIPSIS, font, size)
    if room < 0:
        return ""
    cut = _fitting(text, font, size, room)
    while 0 < cut < len(text) and _joins(text[cut]):
        cut -= 1
    return text[:cut].rstrip() + ELLIPSIS


def _fitting(text: str, font: str, size: float, width: float) -> int:
    """How many signs from the start fit."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle], font, size) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _joins(sign: str) -> bool:
    return bool(unicodedata.combining(sign)) or any(ord(sign) in signs for signs in _JOINING)

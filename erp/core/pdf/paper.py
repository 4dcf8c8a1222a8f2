"""Paper sizes, and the file that is drawn on."""

from __future__ import annotations

import io
from threading import Lock

from reportlab import rl_config
from reportlab.lib import pagesizes
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from erp.core.pdf.text import REGULAR, register_fonts

MM: float = mm
A4: tuple[float, float] = pagesizes.A4
A6: tuple[float, float] = pagesizes.A6
ROLL_WIDTH = 80 * MM
# Printable letters only, as for the mail of the nineties: a quarter more bytes, written in slow Python.
rl_config.useA85 = 0
# Saving reads the glyphs that were used from the font's file, through one cursor that all documents share.
_saving = Lock()


def roll(height: float) -> tuple[float, float]:
    """A page of an 80 mm receipt roll, `height` points long."""
    return ROLL_WIDTH, height


class PdfFile:
    """A PDF in memory. Draw on `canvas` (reportlab's), end a page with `next_page`, take the bytes with `finish`."""

    def __init__(self, size: tuple[float, float], *, title: str) -> None:
        register_fonts()
        self._buffer = io.BytesIO()
        self.canvas = Canvas(self._buffer, pagesize=size, initialFontName=REGULAR)
        self.canvas.setTitle(title)
        self.canvas.setCreator("Jangbu")

    def next_page(self) -> None:
        self.canvas.showPage()

    def finish(self) -> bytes:
        """Ends the last page, unless nothing was drawn on it."""
        with _saving:
            self.canvas.save()
        return self._buffer.getvalue()

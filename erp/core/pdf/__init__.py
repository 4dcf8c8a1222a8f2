"""The one place where PDFs are made: fonts with Korean, paper sizes, text that never runs out of its box, the answer.

    pdf = PdfFile(A6, title="...")
    draw_text(pdf.canvas, 10 * MM, 100 * MM, "...", size=9, width=60 * MM)
    return pdf_response(pdf.finish(), "slip.pdf")

Lengths are points (72 to an inch; `MM` of them a millimetre), the origin is the bottom left corner.
"""

from erp.core.pdf.paper import A4, A6, MM, PdfFile, roll
from erp.core.pdf.response import pdf_response
from erp.core.pdf.text import BOLD, REGULAR, FittedText, draw_text, fitted, text_width, wrapped

__all__ = [
    "A4",
    "A6",
    "BOLD",
    "MM",
    "REGULAR",
    "FittedText",
    "PdfFile",
    "draw_text",
    "fitted",
    "pdf_response",
    "roll",
    "text_width",
    "wrapped",
]

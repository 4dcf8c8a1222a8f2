"""What is printed for a scanner: the bars and squares of EAN-13, Code 128 and QR."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.eanbc import Ean13BarcodeWidget

from catalog.validators import ean13_check_digit
from erp.labels.models import CodeKind

Run = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Code:
    """A drawn code; lengths in modules, its narrowest bar. `runs` are dark: x, y from the top, width, height.

    `quiet` is what stays white on the left and on the right. A linear code is one module high and stretched.
    """

    kind: CodeKind
    text: str
    modules: int
    quiet: tuple[int, int]
    runs: tuple[Run, ...]

    @property
    def is_square(self) -> bool:
        return self.kind == CodeKind.QR

    @property
    def width(self) -> int:
        return self.modules + sum(self.quiet)


def is_ean13(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{13}", text)) and int(text[-1]) == ean13_check_digit(text[:12])


def codes_for(kind: str, *, sku: str, barcode: str) -> Iterator[Code]:
    """What can stand on a label, the wished one first. The last is QR, which takes every text and little room."""
    if kind == CodeKind.EAN13 and is_ean13(barcode):
        yield ean13(barcode)
    if kind != CodeKind.QR:
        # Code 128 has no Hangul, and a long SKU may not fit: then the barcode, else QR.
        yield from (code128(text) for text in (barcode, sku) if text and text.isascii())
    yield qr(sku or barcode if kind == CodeKind.QR else barcode or sku)


def ean13(text: str) -> Code:
    """Quiet zones of 11 and 7 modules (GS1 General Specifications, 5.2.3.4)."""
    signs = Ean13BarcodeWidget()
    left: list[str] = []
    signs._encode_left(text, left.append)
    right = (signs._right[int(digit)] for digit in text[7:])
    bits = "".join((signs._tail, *left, signs._sep, *right, signs._tail))
    return Code(CodeKind.EAN13, text, len(bits), (11, 7), tuple(_dark(bits, "1")))


def code128(text: str) -> Code:
    """Quiet zones of 10 modules (ISO/IEC 15417, 4.4.2)."""
    signs = Code128(text, quiet=0)
    signs.validate()
    signs.encode()
    signs.decompose()
    # Capitals are bars, small letters blanks: A is one module wide, B two.
    bits = "".join(("0" if sign.islower() else "1") * (ord(sign.upper()) - 64) for sign in signs.decomposed)
    return Code(CodeKind.CODE128, text, len(bits), (10, 10), tuple(_dark(bits, "1")))


def qr(text: str) -> Code:
    """Error correction M; a quiet zone of 4 modules all around (ISO/IEC 18004, 9.1).

    Made by ZXing: reportlab takes milliseconds for each, and a job may hold thousands.
    """
    import zxingcpp

    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    rows = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False)).tolist()
    runs = tuple(run for y, row in enumerate(rows) for run in _dark(row, 0, float(y)))
    return Code(CodeKind.QR, text, len(rows), (4, 4), runs)


def _dark(signs: Iterable[object], dark: object, y: float = 0) -> Iterator[Run]:
    """Neighbouring dark modules as one run."""
    x = 0
    for sign, group in groupby(signs):
        width = len(list(group))
        if sign == dark:
            yield float(x), y, float(width), 1.0
        x += width

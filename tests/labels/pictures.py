"""Pictures with barcodes in them: pages of a PDF as a printer sees them, and photos as a phone takes them."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

FORMATS = {
    "EAN-13": zxingcpp.BarcodeFormat.EAN13,
    "Code 128": zxingcpp.BarcodeFormat.Code128,
    "QR Code": zxingcpp.BarcodeFormat.QRCode,
}


def pages(pdf: bytes, folder: Path, dots_per_inch: int = 203) -> list[Image.Image]:
    """The pages of a PDF at the resolution of a label printer."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed (Debian: apt-get install poppler-utils)")
    (folder / "in.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(dots_per_inch), "-gray", "-png", str(folder / "in.pdf"), str(folder / "page")]
    subprocess.run(command, check=True, capture_output=True)
    return [Image.open(path).convert("L") for path in sorted(folder.glob("page*.png"))]


def codes_in(image: Image.Image) -> list[tuple[str, str]]:
    """(text, format) of every code in it."""
    return [(code.text, str(code.format)) for code in zxingcpp.read_barcodes(image)]


def drawn(text: str, kind: str, scale: int = 4) -> Image.Image:
    """A code as black on white, quiet zones included; drawn by ZXing, not by the code under test."""
    barcode = zxingcpp.create_barcode(text, FORMATS[kind])
    return Image.fromarray(np.asarray(barcode.to_image(scale=scale, add_quiet_zones=True)))


def photo(code: Image.Image, *, degrees: float = 0, blur: float = 0, size: tuple[int, int] = (3000, 2250)) -> bytes:
    """A code on a label on a patterned table, tilted and a little out of focus, as the JPEG of a phone."""
    noise = np.random.default_rng(7).integers(90, 170, (size[1] // 25, size[0] // 25, 3), dtype=np.uint8)
    table = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    label = Image.new("RGB", (code.width + 160, code.height + 160), (245, 243, 238))
    label.paste(code.convert("RGB"), (80, 80))
    mask = Image.new("L", label.size, 255).rotate(degrees, expand=True)
    label = label.rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(label, ((size[0] - label.width) // 2, (size[1] - label.height) // 3), mask)
    return jpeg(table.filter(ImageFilter.GaussianBlur(blur)) if blur else table)


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()

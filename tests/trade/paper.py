"""Reading PDFs in tests, with the tools of poppler where they are installed."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils: pdftotext")


def text_of(content: bytes) -> str:
    """The words of a PDF as they lie on its pages; pages are parted by form feeds."""
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


def pages_of(content: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in millimetres."""
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    return [(round(float(width) / 72 * 25.4, 1), round(float(height) / 72 * 25.4, 1)) for width, height in boxes]


def words_outside(content: bytes) -> list[str]:
    """The words that do not lie wholly on their page."""
    command = ["pdftotext", "-bbox", "-", "-"]
    html = subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()
    wrong, width, height = [], 0.0, 0.0
    for line in html.splitlines():
        if page := re.search(r'<page width="([\d.]+)" height="([\d.]+)"', line):
            width, height = float(page[1]), float(page[2])
        elif word := re.search(
            r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*)<', line
        ):
            left, top, right, bottom = (float(word[n]) for n in range(1, 5))
            if left < 0 or top < 0 or right > width or bottom > height:
                wrong.append(word[5])
    return wrong

"""The first filled sheet of an XLSX file as rows of texts. A workbook is a zip of XML: both can be bombs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from erp.core.errors import DomainError, Problem
from erp.exchange.products.text import printable

MOST_FILES = 2_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_TEXTS = 60 * 1024 * 1024  # shared strings are read into memory whole
MOST_SCANNED = 400_000  # rows looked at, blank ones included: a formatted sheet has a million of those
TEXTS = "xl/sharedStrings.xml"


def workbook_rows(data: bytes, *, width: int) -> Iterator[list[str]]:
    """Rows of at most `width` cells. Formulas are given as they are written, never worked out."""
    check_archive(data)
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
        for sheet in book.worksheets:
            rows = _rows(sheet, width)
            first = next((row for row in rows if any(row)), None)
            if first is not None:
                yield first
                yield from rows
                return
    except DomainError:
        raise
    except Exception as error:  # the reader raises whatever its XML parser and its own code come upon
        raise _refused("file_broken", _("This workbook is damaged. Open it in Excel and save it again.")) from error


def cell_text(value: Any) -> str:
    """A cell as a person would type it: 12000.0 is 12000, a day is 2026-03-01."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | datetime | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    text = str(value)
    # XML cannot hold every sign: _x000D_ stands for one, and half a character may be written so too.
    return printable(unescape(text)) if "_x" in text else text


def _rows(sheet: Any, width: int) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    for row in sheet.iter_rows(max_col=width, max_row=MOST_SCANNED, values_only=True):
        yield [cell_text(value) for value in row]


def check_archive(data: bytes, *, most: int = MOST_UNPACKED) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            files = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _refused("file_broken", _("This workbook is damaged. Open it in Excel and save it again.")) from error
    sizes = {file.filename: file.file_size for file in files}
    if "xl/workbook.xml" not in sizes:
        raise _refused("file_not_workbook", _("This is no Excel workbook. Save the table as .xlsx or CSV."))
    # zipfile stops at the size that the archive itself announces for a file, so these sums hold.
    if len(files) > MOST_FILES or sum(sizes.values()) > most or sizes.get(TEXTS, 0) > MOST_TEXTS:
        message = _("This workbook unpacks to far more than a table of products. Save only that sheet, as CSV.")
        raise _refused("file_too_large", message)
    if any(file.flag_bits & 1 for file in files):
        raise _refused("file_locked", _("This workbook is locked with a password. Save it without one."))


def _refused(code: str, message: str) -> DomainError:
    return DomainError(code, message, [Problem(code, message, field="file")])

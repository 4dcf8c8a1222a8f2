"""Tables as CSV or XLSX files: in constant memory, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import IO, Any

from openpyxl import Workbook

CHUNK = 2_000
BOM = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine
SHEET_ROWS = 1_048_576
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What spreadsheets begin a formula with; in Korean and Japanese ones also in full width (OWASP, "CSV Injection").
FORMULA_SIGNS = r"=+\-@\t\r\n|%＝＋－＠"
_FORMULA = re.compile(rf"'*[{FORMULA_SIGNS}]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def safe_text(text: str) -> str:
    """A cell that a spreadsheet shows as it is: no formula (CSV injection), no sign that XML cannot hold. An apostrophe
    is put before what would be one; whoever reads the cell takes one away (`exchange.products.text.restored`)."""
    text = _UNPRINTABLE.sub("", text)
    return f"'{text}" if _FORMULA.match(text) else text


def csv_parts(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The parts of a UTF-8 CSV file. Texts among the cells are made safe by the caller (`safe_text`)."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(header)
    for number, row in enumerate(rows):
        writer.writerow(row)
        if number % CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def write_workbook(header: Sequence[str], rows: Iterable[Sequence[Any]], file: IO[bytes], *, title: str) -> None:
    """Writes a workbook; what does not fit on a sheet goes on to the next."""
    book = Workbook(write_only=True)
    sheet: Any = None
    for number, row in enumerate(rows):
        if number % (SHEET_ROWS - 1) == 0:
            sheet = _sheet(book, header, title)
        sheet.append(row)
    if sheet is None:
        _sheet(book, header, title)
    book.save(file)


def file_headers(name: str) -> dict[str, str]:
    """Of an answer that is saved as a file and never taken for anything else. `name` is made of ASCII letters."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}


def _sheet(book: Workbook, header: Sequence[str], title: str) -> Any:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    return sheet


def _taken(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()

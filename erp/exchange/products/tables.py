"""An uploaded table as rows of texts. Everything in it is hostile until it is read: size, width, encoding, archive."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain, islice
from typing import Any

from charset_normalizer import from_bytes
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.exchange.products.columns import recognised
from erp.exchange.products.text import printable
from erp.exchange.products.workbooks import workbook_rows

LINE_LIMIT = 2_000_000  # characters of one cell, before a quote that was never closed has swallowed the file
HEADING_ROWS = 10  # headings are looked for in the first rows, below a title
DELIMITERS = (",", "\t", ";", "|")
ENCODINGS = ("utf-8", "cp949", "utf-16", "shift_jis", "gb18030", "big5", "cp1252")
SAMPLE = 4_096  # bytes that tell UTF-16 without a mark
_BOTH_ORDERS = (b"\xff\xfe", b"\xfe\xff")
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_OTHER = {
    b"\xd0\xcf\x11\xe0": "old_excel",
    b"%PDF": "pdf",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF8": "picture",
}

Row = list[str]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is taken: bytes, rows below the headings, columns, characters of a cell (more are cut off)."""

    size: int = 20 * 1024 * 1024
    rows: int = 50_000
    width: int = 100
    cell: int = 1_000


# No column of ours takes more than a thousand characters, and descriptions in HTML are long.
OF_PRODUCTS = Limits()
MAX_BYTES = OF_PRODUCTS.size


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that is read as it is walked, once. `headings` as they stand; `rows` are (number in the file, cells),
    blank ones left out."""

    file_format: str
    encoding: str
    delimiter: str
    headings: Row
    rows: Iterable[tuple[int, Row]]


@dataclass(frozen=True, slots=True)
class Table(Sheet):
    """A table in memory."""

    rows: list[tuple[int, Row]]


def read_table(
    data: bytes, *, encoding: str = "", delimiter: str = "", most: int | None = None, limits: Limits = OF_PRODUCTS
) -> Table:
    """The table in a CSV, TSV or XLSX file, or its first rows. Encoding and delimiter are found out unless given.

    Raises DomainError with code `file_*` and the words for a person where it is none.
    """
    sheet = open_table(data, encoding=encoding, delimiter=delimiter, limits=limits)
    rows = list(islice(sheet.rows, most))
    return Table(sheet.file_format, sheet.encoding, sheet.delimiter, sheet.headings, rows)


def open_table(
    data: bytes,
    *,
    encoding: str = "",
    delimiter: str = "",
    limits: Limits = OF_PRODUCTS,
    known: Callable[[Row], int] = recognised,
) -> Sheet:
    """As `read_table`, row after row. `known` counts the headings it knows in a row, to tell headings from a title.

    What is wrong with a row, or their number, is raised where the walk comes to it.
    """
    if not data.strip(b" \r\n\t\x00"):
        raise refused("file_empty", _("This file is empty. Choose another."))
    if len(data) > limits.size:
        raise too_large(len(data), limits)
    if data.startswith(b"PK\x03\x04"):
        found: Iterable[Sequence[Any]] = workbook_rows(data, width=limits.width + 1)
        return _sheet("xlsx", "", "", found, limits, known)
    _refuse_other_kinds(data)
    encoding = encoding or find_encoding(data)
    text = decode(data, encoding)
    delimiter = delimiter or find_delimiter(text)
    return _sheet("csv", encoding, delimiter, _split(text, delimiter), limits, known)


def find_encoding(data: bytes) -> str:
    """By its mark; else UTF-8 where every byte fits, else CP949; else what a statistical guess says."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return encoding
    if _order_of_halves(data):
        return "utf-16"
    for encoding in ("utf-8", "cp949"):
        if _fits(data, encoding):
            return encoding
    best = from_bytes(data[:200_000], cp_isolation=list(ENCODINGS)).best()
    found = best.encoding.replace("_", "-") if best else ""
    return next((e for e in ENCODINGS if e.replace("_", "-") == found and _fits(data, e)), "cp949")


def decode(data: bytes, encoding: str) -> str:
    """The text, or a refusal that names the line where the bytes do not fit."""
    if encoding not in ENCODINGS:
        raise refused("file_encoding", _("Choose one of the encodings of the list."), "encoding")
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    if encoding == "utf-16" and not data.startswith(_BOTH_ORDERS):
        codec = _order_of_halves(data) or "utf-16-le"
    try:
        text = data.decode(codec)
    except UnicodeError as error:
        line = data.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else 1
        message = _("Line %(line)s cannot be read as %(encoding)s. Choose another encoding, or save it as CSV UTF-8.")
        raise refused("file_encoding", message % {"line": line, "encoding": encoding.upper()}, "encoding") from error
    if "\0" in text:
        message = _("This is no text. Save the table as CSV or as an Excel workbook (.xlsx) and choose that file.")
        raise refused("file_not_text", message)
    return printable(text)


def _order_of_halves(data: bytes) -> str:
    """Which UTF-16 it is, of a file without a mark, by where the halves of Latin signs are empty; blank for none."""
    even, odd = data[:SAMPLE:2].count(0), data[1:SAMPLE:2].count(0)
    less, more = sorted((even, odd))
    if len(data) % 2 or more < 3 or more < 4 * less:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def find_delimiter(text: str) -> str:
    """The one that splits the first lines into the most columns, evenly."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in islice(_split(text[:100_000], delimiter), 20) if any(row)]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0), usual

    best = max(DELIMITERS, key=score)
    return best if score(best)[0] else ","


def refused(code: str, message: str, field: str = "file") -> DomainError:
    return DomainError(code, message, [Problem(code, message, field=field)])


def too_large(size: int, limits: Limits = OF_PRODUCTS) -> DomainError:
    message = _("This file has %(size)s MB; at most %(most)s MB are taken. Split it, or leave out columns.")
    return refused("file_too_large", message % {"size": round(size / 1048576, 1), "most": limits.size // 1048576})


def _refuse_other_kinds(data: bytes) -> None:
    kind = next((kind for mark, kind in _OTHER.items() if data.startswith(mark)), "")
    if not kind and data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        kind = "markup"
    words = {
        "old_excel": _("This is an old or locked Excel file. Open it and save it as .xlsx without a password."),
        "pdf": _("This is a PDF. Save the table as CSV or as an Excel workbook (.xlsx)."),
        "picture": _("This is a picture. Save the table as CSV or as an Excel workbook (.xlsx)."),
        "markup": _("This is a web page saved as a table. Open it in Excel and save it as .xlsx."),
    }
    if kind:
        raise refused(f"file_{kind}", words[kind])


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def _split(text: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(LINE_LIMIT)
    try:
        yield from csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        message = _("The table breaks off: a quotation mark is not closed. Save it again as CSV or .xlsx.")
        raise refused("file_broken", message) from error


def _sheet(
    file_format: str,
    encoding: str,
    delimiter: str,
    found: Iterable[Sequence[Any]],
    limits: Limits,
    known: Callable[[Row], int],
) -> Sheet:
    """Finds the headings in the first rows and takes what is below them."""
    rows = ((number, _cells(row, limits)) for number, row in enumerate(found, 1))
    filled = ((number, row) for number, row in rows if any(row))
    first = list(islice(filled, HEADING_ROWS))
    if not first:
        raise refused("file_empty", _("This file is empty. Choose another."))
    best = max(range(len(first)), key=lambda place: (known(first[place][1]), -place))
    headings = first[best][1]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > limits.width:
        message = _("This table has more than %(most)s columns. Leave out those that are not needed here.")
        raise refused("file_too_wide", message % {"most": limits.width})
    below = chain(first[best + 1 :], filled)
    return Sheet(file_format, encoding, delimiter, headings, _below(below, len(headings), limits))


def _below(rows: Iterable[tuple[int, Row]], width: int, limits: Limits) -> Iterator[tuple[int, Row]]:
    """The rows below the headings, as wide as those."""
    count = 0
    for number, row in rows:
        count += 1
        if count > limits.rows:
            message = _("This table has more than %(most)s rows. Split it into several files.")
            raise refused("file_too_long", message % {"most": number_format(limits.rows, force_grouping=True)})
        yield number, (row + [""] * (width - len(row)))[:width]
    if not count:
        raise refused("file_no_rows", _("There is nothing below the headings."))


def _cells(row: Sequence[Any], limits: Limits) -> Row:
    return [str(cell)[: limits.cell].replace("\0", "").strip() for cell in row[: limits.width + 1]]

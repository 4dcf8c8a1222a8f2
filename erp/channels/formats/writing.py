"""Rows of cells as a marketplace's file: streamed, and harmless in a spreadsheet."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from openpyxl import Workbook

from erp.channels.facts import ListingFacts
from erp.channels.formats.template import Template
from erp.channels.formats.values import Cell, cell, in_workbook, lines_of
from erp.core.tables import safe_text

Row = Sequence[Cell]
GOOGLE = "http://base.google.com/ns/1.0"
PLAIN = AttributesImpl({})
AMOUNTS = {"option_prices"}
# Signs that XML 1.0 cannot hold.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def rows_of(template: Template, listing: ListingFacts) -> list[list[Cell]]:
    """The cells of a listing, a row for each of its lines."""
    return [[cell(column, line) for column in template.columns] for line in lines_of(template, listing)]


def write(template: Template, rows: Iterable[Row], file: IO[bytes], *, title: str = "", link: str = "") -> int:
    """Writes all rows and gives their number. They are read once, one at a time. A feed has a `title` and a `link`."""
    if template.file in ("csv", "tsv"):
        return _write_csv(template, rows, file)
    if template.file == "xlsx":
        return _write_xlsx(template, rows, file)
    if template.file == "xml":
        return _write_feed(template, rows, file, title, link)
    return _write_json(template, rows, file)


def _write_csv(template: Template, rows: Iterable[Row], file: IO[bytes]) -> int:
    writer_of: Any = codecs.getwriter(template.encoding)
    text = writer_of(file, errors="xmlcharrefreplace")
    writer = csv.writer(text, delimiter="\t" if template.file == "tsv" else ",", lineterminator="\r\n")
    writer.writerows(template.above)
    writer.writerow(_headings(template))
    return _each(template, rows, writer.writerow)


def _write_xlsx(template: Template, rows: Iterable[Row], file: IO[bytes]) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(template.sheet)
    for row in (*template.above, _headings(template)):
        sheet.append(list(row))
    numbered = ([in_workbook(c.value, v) for c, v in zip(template.columns, row, strict=True)] for row in rows)
    count = _each(template, numbered, sheet.append)
    book.save(file)
    return count


def _headings(template: Template) -> list[str]:
    """People type those of their own tables themselves."""
    return [safe_text(header) for header in template.headers]


def _each(template: Template, rows: Iterable[Row], write_row: Callable[[list[Cell]], Any]) -> int:
    """Writes every row, its texts safe, and gives their number. Amounts that we made ourselves run nothing, and may
    begin with a minus."""
    amounts = [place for place, column in enumerate(template.columns) if column.value in AMOUNTS]
    count = 0
    for row in rows:
        cells: list[Cell] = [value if isinstance(value, int | Decimal) else safe_text(str(value)) for value in row]
        for place in amounts:
            cells[place] = row[place]
        write_row(cells)
        count += 1
    return count


def _write_feed(template: Template, rows: Iterable[Row], file: IO[bytes], title: str, link: str) -> int:
    """RSS 2.0 with Google's attributes."""
    out = XMLGenerator(file, encoding="utf-8")
    out.startDocument()
    out.startElement("rss", AttributesImpl({"version": "2.0", "xmlns:g": GOOGLE}))
    out.startElement("channel", PLAIN)
    for name, text in (("title", title), ("link", link), ("description", title)):
        _element(out, name, text)
    count = 0
    for row in rows:
        out.startElement("item", PLAIN)
        for header, value in zip(template.headers, row, strict=True):
            for text in _texts(header, str(value)):
                _element(out, f"g:{header}", text)
        out.endElement("item")
        count += 1
    out.endElement("channel")
    out.endElement("rss")
    out.endDocument()
    return count


def _texts(header: str, text: str) -> Iterator[str]:
    """An attribute that may occur several times is written so; a blank one is left out."""
    parts = text.split(",") if header == "additional_image_link" else [text]
    return (part for part in parts if part)


def _element(out: XMLGenerator, name: str, text: str) -> None:
    out.startElement(name, PLAIN)
    out.characters(_NO_XML.sub("", text))
    out.endElement(name)


def _write_json(template: Template, rows: Iterable[Row], file: IO[bytes]) -> int:
    """{"template", "version", "items": [{header: value}]}, an item a row."""
    head = json.dumps({"template": template.key, "version": template.version}, ensure_ascii=False)
    file.write(f'{head[:-1]}, "items": ['.encode())
    count = 0
    for row in rows:
        item = json.dumps(dict(zip(template.headers, row, strict=True)), ensure_ascii=False, default=str)
        file.write(f"{',' if count else ''}\n{item}".encode())
        count += 1
    file.write(b"\n]}\n")
    return count

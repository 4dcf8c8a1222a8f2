"""Reports as files to download: all lines of the table, with its headings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.money import decimals_of
from erp.core.tables import CHUNK, CSV, XLSX, csv_parts, file_headers, safe_text, write_workbook
from erp.reports.dress import dress
from erp.reports.forms import ReportForm
from erp.reports.kinds import Report
from erp.reports.snapshot import snapshot
from erp.reports.tables import MONEY, PERCENT, Answer, Column, Line


def csv_report(report: Report, brand: Brand, data: Any) -> HttpResponseBase:
    header, rows = _table(report, brand, data)
    return StreamingHttpResponse(csv_parts(header, rows), CSV, headers=_headers(report, brand, "csv"))


def xlsx_report(report: Report, brand: Brand, data: Any) -> HttpResponseBase:
    header, rows = _table(report, brand, data)
    file = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    write_workbook(header, rows, file, title=str(report.title)[:31])
    file.seek(0)
    return FileResponse(file, content_type=XLSX, headers=_headers(report, brand, "xlsx"))


def _table(report: Report, brand: Brand, data: Any) -> tuple[list[str], Iterator[list[Any]]]:
    with snapshot():
        answer = report.answer(ReportForm(data, brand=brand, report=report).scope())
    answer.sort(data.get("sort") or report.order)
    things = any(line.product for line in answer.lines) or not answer.first
    first = [_("Style number"), _("Product"), _("SKU"), _("Colour"), _("Size")] if things else [str(answer.first)]
    header = [*first, *(str(column.label) for column in answer.columns)]
    return header, _rows(answer, brand, things=things)


def _rows(answer: Answer, brand: Brand, *, things: bool) -> Iterator[list[Any]]:
    for start in range(0, len(answer.lines), CHUNK):
        lines = answer.lines[start : start + CHUNK]
        dress(lines, pictures=False)
        for line in lines:
            named = _named(line) if things else [safe_text(line.label)]
            yield [*named, *(_cell(column, line.values.get(column.key), brand) for column in answer.columns)]


def _named(line: Line) -> list[str]:
    thing = line.thing
    if thing is None:
        return [safe_text(line.label), "", "", "", ""]
    if not line.variant:
        return [safe_text(thing.style_number), safe_text(thing.name), "", "", ""]
    product = thing.product
    texts = (product.style_number, product.name, thing.sku, thing.colour.name, thing.size.code)
    return [safe_text(text) for text in texts]


def _cell(column: Column, value: Any, brand: Brand) -> Any:
    """Numbers as numbers, so that a spreadsheet can go on with them."""
    if value is None or isinstance(value, str):
        return safe_text(value) if value else ""
    if column.kind == MONEY:
        return round(Decimal(value), decimals_of(brand.currency))
    if column.kind == PERCENT:
        return round(value, 4)
    return round(float(value), 2) if isinstance(value, (float, Decimal)) else value


def _headers(report: Report, brand: Brand, ending: str) -> dict[str, str]:
    return file_headers(f"{brand.slug}-{report.slug}-{timezone.localdate()}.{ending}")

"""Histories as files to download, for the pages and the API alike."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from erp.core.errors import DomainError
from erp.core.tables import CSV, XLSX, file_headers
from erp.inventory.exports import csv_history, xlsx_history
from erp.inventory.querysets import MovementQuerySet

# A workbook is written whole before it is sent; what would take longer than a few seconds goes as CSV.
MOST_XLSX_ROWS = 50_000


def csv_download(movements: MovementQuerySet, *, name: str) -> HttpResponseBase:
    """Row by row from the database to the file, in constant memory."""
    return StreamingHttpResponse(csv_history(movements), CSV, headers=_headers(name, "csv"))


def xlsx_download(movements: MovementQuerySet, *, name: str) -> HttpResponseBase:
    """Raises DomainError `too_many_rows` for more than a workbook is made of here."""
    if movements.order_by()[: MOST_XLSX_ROWS + 1].count() > MOST_XLSX_ROWS:
        most = number_format(MOST_XLSX_ROWS, force_grouping=True)
        words = _("A workbook takes up to %(n)s rows here. Narrow the period, or take CSV.")
        raise DomainError("too_many_rows", words % {"n": most})
    file = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    xlsx_history(movements, file)
    file.seek(0)
    return FileResponse(file, content_type=XLSX, headers=_headers(name, "xlsx"))


def _headers(name: str, ending: str) -> dict[str, str]:
    return file_headers(f"{name}-history-{timezone.localdate()}.{ending}")

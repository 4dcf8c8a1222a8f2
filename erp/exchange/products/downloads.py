"""Files to download, for the pages and the API alike."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.models import Brand, Variant
from erp.core.errors import DomainError
from erp.exchange.models import ImportJob, ImportRow
from erp.exchange.products.exporting import csv_products, xlsx_products
from erp.exchange.products.showing import rows_csv

# A workbook is written whole before it is sent; what would take longer than some seconds goes as CSV.
MOST_XLSX = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENCODINGS = ("utf-8", "cp949")


def products_csv(brand: Brand, *, encoding: str = "utf-8") -> HttpResponseBase:
    """Row by row from the database to the file, in constant memory."""
    chosen = encoding if encoding in ENCODINGS else "utf-8"
    charset = "euc-kr" if chosen == "cp949" else "utf-8"
    content = csv_products(brand, encoding=chosen)
    return StreamingHttpResponse(
        content, f"text/csv; charset={charset}", headers=_headers(f"{brand.slug}-products", "csv")
    )


def products_xlsx(brand: Brand) -> HttpResponseBase:
    """Raises DomainError `too_many_rows` for more than a workbook is made of here."""
    if Variant.objects.of(brand).order_by()[: MOST_XLSX + 1].count() > MOST_XLSX:
        words = _("A workbook takes up to %(n)s variants here. Take CSV.")
        raise DomainError("too_many_rows", words % {"n": number_format(MOST_XLSX, force_grouping=True)})
    file = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    xlsx_products(brand, file)
    file.seek(0)
    return FileResponse(file, content_type=XLSX, headers=_headers(f"{brand.slug}-products", "xlsx"))


def rows_download(job: ImportJob, *, fate: str = "") -> HttpResponseBase:
    """The rows of an import with their reasons; only those of one fate if it is named."""
    fates = [fate] if fate in ImportRow.Fate.values else []
    headers = _headers(f"{job.brand.slug}-import-{fate if fates else 'rows'}", "csv")
    return StreamingHttpResponse(rows_csv(job, fates), "text/csv; charset=utf-8", headers=headers)


def _headers(name: str, ending: str) -> dict[str, str]:
    file = f"{name}-{timezone.localdate()}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{file}"', "X-Content-Type-Options": "nosniff"}

"""From a file to products: upload, say what the columns mean, read what would become of every row, apply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.exchange import services
from erp.exchange.forms.imports import DELIMITER_NAMES, ENCODING_NAMES, ColumnsForm, ReadingForm, UploadForm
from erp.exchange.models import ImportJob, ImportRow
from erp.exchange.products.downloads import rows_download
from erp.exchange.products.showing import Reader

PER_PAGE = 20
ROWS_PER_PAGE = 50
State = ImportJob.State
TO_MAP = (State.UPLOADED,)


@brand_page(Right.WORK)
def imports(request: BrandRequest) -> HttpResponse:
    """What was imported, by whom and with what result."""
    jobs = ImportJob.objects.of(request.brand).select_related("created_by").defer("preview", "headings", "columns")
    page_obj = Paginator(jobs, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "exchange/imports.html", {"page_obj": page_obj, "jobs": page_obj.object_list})


@brand_page(Right.WORK)
def upload(request: BrandRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = UploadForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        job = form.save(brand=request.brand, actor=request.user)
        if job is not None:
            return _to(job)
    return render(request, "exchange/upload.html", {"form": form}, status=422 if form.errors else 200)


@vary_on_headers("HX-Request")
@require_safe
@brand_page(Right.WORK)
def job(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """One import at whatever point it is; while it is worked on, the page asks again by itself."""
    return _page(request, _job(request, public_id))


@require_POST
@brand_page(Right.WORK)
def read(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """The same file in another encoding, or split at another sign."""
    found = _job(request, public_id)
    form = ReadingForm(request.POST)
    if form.is_valid():
        return _told(request, found, lambda: services.read_again(job=found, actor=request.user, **form.cleaned_data))
    return _to(found)


@require_POST
@brand_page(Right.WORK)
def columns(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """What the columns mean; starts the dry run."""
    found = _job(request, public_id)
    form = ColumnsForm(request.POST, job=found)
    if form.is_valid() and form.save(actor=request.user):
        return _to(found)
    return _page(request, found, columns=form, status=422)


@require_POST
@brand_page(Right.WORK)
def apply(request: BrandRequest, public_id: UUID) -> HttpResponse:
    found = _job(request, public_id)
    good = request.POST.get("only_good") == "1"
    return _told(request, found, lambda: services.apply_import(job=found, actor=request.user, only_good=good))


@require_POST
@brand_page(Right.WORK)
def cancel(request: BrandRequest, public_id: UUID) -> HttpResponse:
    found = _job(request, public_id)
    return _told(
        request, found, lambda: services.cancel_import(job=found, actor=request.user), _("The import was cancelled.")
    )


@require_POST
@brand_page(Right.WORK)
def retry(request: BrandRequest, public_id: UUID) -> HttpResponse:
    found = _job(request, public_id)
    return _told(request, found, lambda: services.retry_import(job=found, actor=request.user))


@require_safe
@brand_page(Right.WORK)
def rows(request: BrandRequest, public_id: UUID) -> HttpResponseBase:
    """The rows as CSV, each with its reason."""
    return rows_download(_job(request, public_id), fate=request.GET.get("fate", ""))


def _job(request: BrandRequest, public_id: UUID) -> ImportJob:
    jobs = ImportJob.objects.of(request.brand).select_related("brand", "created_by", "applied_by", "location")
    return get_object_or_404(jobs, public_id=public_id)


def _to(found: ImportJob) -> HttpResponse:
    return redirect("exchange:import", found.brand.slug, found.public_id)


def _told(request: BrandRequest, found: ImportJob, act: Callable[[], Any], words: str = "") -> HttpResponse:
    """Back to the page; a refusal stands on top of it."""
    try:
        act()
    except DomainError as error:
        for message in [problem.message for problem in error.problems] or [error.message]:
            messages.error(request, str(message))
    else:
        if words:
            done(request, words)
    return _to(found)


def _page(request: BrandRequest, found: ImportJob, *, columns: Any = None, status: int = 200) -> HttpResponse:
    mapping = found.state in TO_MAP or columns is not None or "columns" in request.GET
    context: dict[str, Any] = {"job": found, "mapping": mapping and not found.is_running}
    if context["mapping"]:
        context |= _mapping(found, columns)
    elif found.checked_at:
        context |= _rows(request, found)
    # A swap of the running page's body only; a person who filters the rows goes through whole pages.
    template = "exchange/import.html#state" if request.htmx and not request.htmx.boosted else "exchange/import.html"
    return render(request, template, context, status=status)


def _mapping(found: ImportJob, columns: Any) -> dict[str, Any]:
    reading = ReadingForm(initial={"encoding": found.encoding, "delimiter": found.delimiter})
    same = ImportJob.objects.of(found.brand).filter(sha256=found.sha256, state=State.DONE).exclude(pk=found.pk).first()
    return {
        "form": columns or ColumnsForm(job=found),
        "reading": reading if found.file_format == "csv" else None,
        "encoding": ENCODING_NAMES.get(found.encoding, ""),
        "delimiter": dict(DELIMITER_NAMES).get(found.delimiter, ""),
        "same": same,
    }


def _rows(request: BrandRequest, found: ImportJob) -> dict[str, Any]:
    fate = request.GET.get("fate", "")
    fate = fate if fate in ImportRow.Fate.values else (ImportRow.Fate.ERROR.value if found.errors and not fate else "")
    rows: QuerySet[ImportRow] = found.rows.order_by("number")
    page_obj = Paginator(rows.filter(fate=fate) if fate else rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    reader = Reader(found)
    return {
        "fate": fate,
        "page_obj": page_obj,
        "rows": [reader.shown(row) for row in page_obj.object_list],
        "fates": [(value, label, found.counts.get(value, 0)) for value, label in ImportRow.Fate.choices],
        "changing": found.changing,
    }

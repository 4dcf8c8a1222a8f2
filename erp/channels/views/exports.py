"""What was sent to a marketplace, and sending more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.formats.findings import DESTROYING
from erp.channels.mending import Mender
from erp.channels.models import Export, ExportFinding
from erp.channels.selectors.flow import SHOWN_CHANGES, changes_of, export_counts
from erp.channels.services import exports
from erp.channels.services.pictures import is_public, public_origin
from erp.channels.templates import template_for
from erp.channels.views.found import find_channel, told

PER_PAGE = 30
What = Export.What
# The type of a file is what was made, never what somebody's browser guesses.
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "xml": "application/xml",
    "json": "application/json",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@brand_page()
def index(request: BrandRequest, channel: int) -> HttpResponse:
    found = find_channel(request, channel)
    rows = Export.objects.filter(channel=found).select_related("created_by")
    what = request.GET.get("what", "")
    rows = rows.filter(what=what) if what in What.values else rows
    origin = public_origin(request)
    context = {
        "channel": found,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "what": what,
        "kinds": What.choices,
        "counts": export_counts(found),
        "origin": "" if is_public(origin) else origin,
    }
    return render(request, "channels/exports.html", context)


@require_POST
@brand_page(Right.WORK)
def start(request: BrandRequest, channel: int) -> HttpResponse:
    found = find_channel(request, channel)
    what = request.POST.get("what", "")
    if what not in What.values:
        raise Http404
    export = told(
        request,
        lambda: exports.start_export(
            channel=found,
            actor=request.user,
            what=what,
            only_changes=request.POST.get("all") != "1",
            origin=public_origin(request),
        ),
    )
    return _to(export) if export else redirect("channels:exports", request.brand.slug, found.pk)


@vary_on_headers("HX-Request")
@require_safe
@brand_page()
def show(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """One export: what went out and what that changed, what was left out and why. While it is made, it asks again."""
    export = _find(request, public_id)
    shown = request.GET.get("show", "")
    shown = shown if shown in ("left", "warned") else "sent"
    context: dict[str, Any] = {"export": export, "channel": export.channel, "show": shown, "most": SHOWN_CHANGES}
    if not export.is_running:
        page_obj = Paginator(_rows(export, shown), PER_PAGE).get_page(request.GET.get("page"))
        template = template_for(export.channel, export.what)
        mender = Mender(export.channel, template)
        context |= {"page_obj": page_obj, "rows": [_row(export, shown, row, mender) for row in page_obj.object_list]}
        destroys = export.findings.filter(code__in=DESTROYING)
        context["blanks_erase"] = export.what == What.PRODUCTS and export.is_usable and template.blanks_erase
        context["destroys"] = destroys.select_related("listing__product")[:PER_PAGE]
    part = request.htmx and not request.htmx.boosted
    return render(request, "channels/export.html#state" if part else "channels/export.html", context)


@require_safe
@brand_page()
def file(request: BrandRequest, public_id: UUID) -> HttpResponseBase:
    """The exact bytes that were made."""
    export = _find(request, public_id)
    if not export.is_usable:
        raise Http404
    kind = TYPES[export.file_name.rpartition(".")[2]]
    try:
        opened = export.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(opened, as_attachment=True, filename=export.file_name, content_type=kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@require_POST
@brand_page(Right.WORK)
def confirm(request: BrandRequest, public_id: UUID) -> HttpResponse:
    export = _find(request, public_id)
    words = _("Its listings count as sent now. Give the file to the marketplace.")
    told(request, lambda: exports.confirm_export(export=export, actor=request.user), words)
    return _to(export)


@require_POST
@brand_page(Right.WORK)
def drop(request: BrandRequest, public_id: UUID) -> HttpResponse:
    export = _find(request, public_id)
    told(request, lambda: exports.drop_export(export=export, actor=request.user), _("Nothing counts as sent."))
    return _to(export)


@require_POST
@brand_page(Right.WORK)
def retry(request: BrandRequest, public_id: UUID) -> HttpResponse:
    export = _find(request, public_id)
    told(request, lambda: exports.retry_export(export=export, actor=request.user))
    return _to(export)


def _find(request: BrandRequest, public_id: UUID) -> Export:
    rows = Export.objects.of(request.brand).select_related("channel__brand", "created_by", "confirmed_by")
    return get_object_or_404(rows, public_id=public_id)


def _rows(export: Export, shown: str) -> Any:
    if shown != "sent":
        level = ExportFinding.Level.ERROR if shown == "left" else ExportFinding.Level.WARNING
        return export.findings.filter(level=level).select_related("listing__product").order_by("pk")
    if export.what == What.TRACKING:
        return export.shipments.select_related("shipment__order__channel_order").order_by("pk")
    return export.lines.select_related("listing__product").defer("cells").order_by("pk")


def _row(export: Export, shown: str, row: Any, mender: Mender) -> Any:
    """With what changed, where it is a listing that was sent; of what is to be mended, with the way there."""
    if shown != "sent":
        row.told = mender.told(
            row.listing, code=row.code, field=row.field, level=row.level, sku=row.sku, params=row.params
        )
    elif export.what != What.TRACKING:
        row.shown, row.more = changes_of(row)
    return row


def _to(export: Export) -> HttpResponse:
    return redirect("channels:export", export.channel.brand.slug, export.public_id)

"""Files of orders: chosen, looked at, taken in while the page tells how far."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.forms.order_files import LABELS, NAMES, OrderFileForm, ReadingForm
from erp.channels.models import ChannelOrder, OrderFile
from erp.channels.services import order_files
from erp.channels.views.found import find_channel, told
from erp.core.tables import CSV, csv_parts, file_headers, safe_text

PER_PAGE = 30
State = OrderFile.State


@brand_page(Right.WORK)
def index(request: BrandRequest, channel: int) -> HttpResponse:
    found = find_channel(request, channel)
    rows = OrderFile.objects.filter(channel=found).select_related("created_by").defer("preview", "headings")
    page_obj = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "channels/order_files.html", {"channel": found, "page_obj": page_obj})


@brand_page(Right.WORK)
def upload(request: BrandRequest, channel: int) -> HttpResponse:
    found = find_channel(request, channel)
    sent = request.method == "POST"
    form = OrderFileForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid() and (file := form.save(channel=found, actor=request.user)):
        return _to(request, file)
    context = {"channel": found, "form": form}
    return render(request, "channels/order_file_new.html", context, status=422 if form.errors else 200)


@vary_on_headers("HX-Request")
@require_safe
@brand_page(Right.WORK)
def show(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """One file at whatever point it is; while it is read, the page asks again by itself."""
    return _page(request, _find(request, public_id))


@require_POST
@brand_page(Right.WORK)
def start(request: BrandRequest, public_id: UUID) -> HttpResponse:
    file = _find(request, public_id)
    form = ReadingForm(request.POST, file=file)
    if form.is_valid() and form.save(actor=request.user):
        return _to(request, file)
    return _page(request, file, form=form, status=422)


@require_POST
@brand_page(Right.WORK)
def retry(request: BrandRequest, public_id: UUID) -> HttpResponse:
    file = _find(request, public_id)
    told(request, lambda: order_files.retry_order_file(file=file, actor=request.user))
    return _to(request, file)


@require_safe
@brand_page(Right.WORK)
def problems(request: BrandRequest, public_id: UUID) -> HttpResponseBase:
    """Every problem of a file by line and column, as CSV."""
    file = _find(request, public_id)
    found = file.problems.values_list("line", "column", "message").iterator(chunk_size=2_000)
    rows = ([line, safe_text(column), safe_text(message)] for line, column, message in found)
    parts = csv_parts([_("Line"), _("Column"), _("Reason")], rows)
    return StreamingHttpResponse(parts, CSV, headers=file_headers(f"order-problems-{file.pk}.csv"))


def _page(request: BrandRequest, file: OrderFile, *, form: Any = None, status: int = 200) -> HttpResponse:
    choosing = form is not None or file.state == State.UPLOADED or "columns" in request.GET
    context: dict[str, Any] = {"file": file, "channel": file.channel, "choosing": choosing and not file.is_running}
    if context["choosing"]:
        context["form"] = form or ReadingForm(file=file)
        context["columns"] = [
            (LABELS[key], names) for key, names in order_files.columns_of(file).items() if key in LABELS
        ]
        context["same"] = _same(file)
    elif not file.is_running:
        names = dict(ChannelOrder.State.choices) | {order_files.KNOWN: _("Known before")}
        context["fates"] = [(value, names.get(value, value), n) for value, n in file.counts.items()]
        context["page_obj"] = Paginator(file.problems.all(), PER_PAGE).get_page(request.GET.get("page"))
    context["of"] = NAMES.get(file.template, file.template)
    part = request.htmx and not request.htmx.boosted
    return render(
        request, "channels/order_file.html#state" if part else "channels/order_file.html", context, status=status
    )


def _same(file: OrderFile) -> OrderFile | None:
    files = OrderFile.objects.filter(channel=file.channel, sha256=file.sha256, state=State.DONE)
    return files.exclude(pk=file.pk).first()


def _find(request: BrandRequest, public_id: UUID) -> OrderFile:
    rows = OrderFile.objects.of(request.brand).select_related("channel__brand", "created_by")
    return get_object_or_404(rows, public_id=public_id)


def _to(request: BrandRequest, file: OrderFile) -> HttpResponse:
    return redirect("channels:order-file", request.brand.slug, file.public_id)

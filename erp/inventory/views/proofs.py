"""The seals of the days, and the periods that are closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.flash import done
from erp.core.keyset import key_page, keys_of
from erp.core.tables import CSV, csv_parts, file_headers
from erp.core.templatetags.jangbu import day as day_words
from erp.inventory.forms.periods import CloseForm, ReopenForm
from erp.inventory.models import DaySeal, PeriodClose
from erp.inventory.periods import closed_through
from erp.inventory.seals import receipt_of


@brand_page()
def seals(request: BrandRequest) -> HttpResponse:
    """Newest first; the latest as a receipt to keep elsewhere."""
    found = DaySeal.objects.of(request.brand).select_related("brand")
    page = key_page(found, **keys_of(request))
    latest = found.order_by("-pk").first()
    context = {"page": page, "latest": latest, "receipt": receipt_of(latest) if latest else ""}
    return render(request, "inventory/seals.html", context)


@brand_page()
def seals_csv(request: BrandRequest) -> HttpResponseBase:
    found = DaySeal.objects.of(request.brand).order_by("pk")
    rows = found.values_list("day", "movements", "hash", "previous", "sealed_at")
    header = [_("Day"), _("Movements"), _("Hash"), _("Hash of the day before"), _("Sealed")]
    file = file_headers(f"{request.brand.slug}-seals-{timezone.localdate()}.csv")
    return StreamingHttpResponse(csv_parts(header, _local(rows.iterator())), CSV, headers=file)


def _local(rows: Any) -> Iterator[list[Any]]:
    for *row, sealed_at in rows:
        yield [*row, timezone.localtime(sealed_at).replace(tzinfo=None, microsecond=0)]


@brand_page()
def periods(request: BrandRequest) -> HttpResponse:
    return _periods(request)


@brand_page(Right.MANAGE)
@require_POST
def close(request: BrandRequest) -> HttpResponse:
    form = CloseForm(request.POST, brand=request.brand)
    if form.is_valid() and (row := form.save(request.user)):
        done(request, _("The books are closed through %(day)s.") % {"day": day_words(row.through)})
        return redirect("inventory:periods", request.brand.slug)
    return _periods(request, close=form)


@brand_page(Right.MANAGE)
@require_POST
def reopen(request: BrandRequest) -> HttpResponse:
    form = ReopenForm(request.POST, brand=request.brand)
    if form.is_valid() and form.save(request.user):
        done(request, _("The period is open again."))
        return redirect("inventory:periods", request.brand.slug)
    return _periods(request, reopen=form)


def _periods(
    request: BrandRequest, *, close: CloseForm | None = None, reopen: ReopenForm | None = None
) -> HttpResponse:
    page = key_page(PeriodClose.objects.of(request.brand).select_related("actor"), **keys_of(request))
    context: dict[str, Any] = {
        "closed": closed_through(request.brand),
        "page": page,
        "close": close or CloseForm(brand=request.brand),
        "reopen": reopen or ReopenForm(brand=request.brand),
    }
    return render(request, "inventory/periods.html", context, status=422 if close or reopen else 200)

"""What is entered on a partner's account besides slips, and the account as a file."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.days import business_day
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.core.tables import CSV, file_headers
from erp.core.templatetags.jangbu import money
from erp.trade.exports import account_csv
from erp.trade.forms.partners import ENTRIES
from erp.trade.models import AccountEntry
from erp.trade.services.accounts import reverse_entry
from erp.trade.views.partners import find_partner


@brand_page(Right.WORK)
def payment(request: BrandRequest, pk: int) -> HttpResponse:
    return _entry(request, pk, "payment")


@brand_page(Right.WORK)
def opening(request: BrandRequest, pk: int) -> HttpResponse:
    return _entry(request, pk, "opening")


@brand_page(Right.MANAGE)
def correction(request: BrandRequest, pk: int) -> HttpResponse:
    """The owner's: it changes what is owed without a paper."""
    return _entry(request, pk, "correction")


def _entry(request: BrandRequest, pk: int, kind: str) -> HttpResponse:
    partner = find_partner(request, pk)
    data = request.POST if request.method == "POST" else None
    form = ENTRIES[kind](data, partner=partner, today=business_day(request.brand))
    if data is not None and form.is_valid() and (entry := form.save(request.user)):
        words = {"name": partner.name, "owed": money(entry.balance_after, request.brand.currency)}
        done(request, _("Entered. %(name)s now owes %(owed)s.") % words)
        return redirect("trade:partner", request.brand.slug, partner.pk)
    page = {"form": form, "partner": partner}
    return render(request, "trade/account_entry.html", page, status=422 if form.errors else 200)


@brand_page(Right.MANAGE)
@require_POST
def reverse(request: BrandRequest, pk: int, entry: int) -> HttpResponse:
    """Takes one entry back, once: the key is the entry's own, so a second press finds the first."""
    partner = find_partner(request, pk)
    found = get_object_or_404(AccountEntry.objects.filter(partner=partner).select_related("partner__brand"), pk=entry)
    try:
        reverse_entry(entry=found, actor=request.user, idempotency_key=f"reverse-entry:{found.pk}")
    except DomainError as error:
        messages.warning(request, str(error.message))
    else:
        done(request, _("Taken back. Both entries stay in the account."))
    return redirect("trade:partner", request.brand.slug, partner.pk)


@brand_page()
def csv(request: BrandRequest, pk: int) -> HttpResponseBase:
    """The whole account, oldest first."""
    partner = find_partner(request, pk)
    name = f"{request.brand.slug}-account-{partner.pk}-{timezone.localdate()}.csv"
    return StreamingHttpResponse(account_csv(partner), CSV, headers=file_headers(name))

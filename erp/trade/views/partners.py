"""Whom a brand buys from and sells to: the list, the page of one, and their shops."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.flash import done
from erp.core.keyset import key_page, keys_of
from erp.trade.forms.partners import PartnerFilter, PartnerForm, ShopForm
from erp.trade.models import AccountEntry, Partner
from erp.trade.selectors.partners import newest_papers

PER_PAGE = 30


@vary_on_headers("HX-Request")
@brand_page()
def partner_list(request: BrandRequest) -> HttpResponse:
    form = PartnerFilter(request.GET, brand=request.brand)
    page = {
        "form": form,
        "page_obj": Paginator(form.found(), PER_PAGE).get_page(request.GET.get("page")),
        "kinds": Partner.Kind.choices,
    }
    template = "trade/partners.html#results" if request.htmx else "trade/partners.html"
    return render(request, template, page)


@brand_page()
def partner(request: BrandRequest, pk: int) -> HttpResponse:
    """What they owe, entry by entry, and what else is known of them."""
    found = find_partner(request, pk)
    entries = AccountEntry.objects.filter(partner=found).select_related("slip", "actor", "reversed_by", "reverses")
    page: dict[str, Any] = {
        "partner": found,
        "shops": found.shops.all(),
        "page": key_page(entries, **keys_of(request)),
        "papers": newest_papers(found),
        "room": None if found.credit_limit is None else found.credit_limit - found.owed,  # type: ignore[attr-defined]
    }
    return render(request, "trade/partner.html", page)


def find_partner(request: BrandRequest, pk: int) -> Partner:
    """One of the brand's, with what they owe as `owed`."""
    rows = Partner.objects.of(request.brand).annotate(owed=Coalesce(F("account__balance"), Decimal(0)))
    return get_object_or_404(rows.select_related("brand"), pk=pk)


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    """`?as=supplier` or `?as=buyer` ticks what they will be."""
    role = request.GET.get("as", "buyer")
    first: dict[str, Any] = {"is_supplier": role == "supplier", "is_buyer": role != "supplier"}
    first |= {"kind": Partner.Kind.FACTORY} if role == "supplier" else {}
    form = PartnerForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid() and (saved := form.save_for(request.brand)):
        done(request, _("%(name)s is in your book now.") % {"name": saved.name})
        return redirect("trade:partner", request.brand.slug, saved.pk)
    return _form_page(request, form, None)


@brand_page(Right.WORK)
def edit(request: BrandRequest, pk: int) -> HttpResponse:
    found = find_partner(request, pk)
    form = PartnerForm(request.POST or None, instance=Partner.objects.get(pk=found.pk))
    if request.method == "POST" and form.is_valid() and form.save_for(request.brand):
        done(request, _("Saved."))
        return redirect("trade:partner", request.brand.slug, found.pk)
    return _form_page(request, form, found)


def _form_page(request: BrandRequest, form: PartnerForm, found: Partner | None) -> HttpResponse:
    page = {"form": form, "partner": found}
    return render(request, "trade/partner_edit.html", page, status=422 if form.errors else 200)


@brand_page(Right.WORK)
def shop_new(request: BrandRequest, pk: int) -> HttpResponse:
    return _shop(request, find_partner(request, pk), None)


@brand_page(Right.WORK)
def shop_edit(request: BrandRequest, pk: int, shop: int) -> HttpResponse:
    return _shop(request, find_partner(request, pk), shop)


def _shop(request: BrandRequest, found: Partner, shop: int | None) -> HttpResponse:
    row = get_object_or_404(found.shops.all(), pk=shop) if shop else None
    form = ShopForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid() and form.save_for(found):
        done(request, _("Saved."))
        return redirect("trade:partner", request.brand.slug, found.pk)
    page = {"form": form, "partner": found, "shop": row}
    return render(request, "trade/shop_edit.html", page, status=422 if form.errors else 200)

"""The pages that show who changed what."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.audit.exports import changes_csv
from catalog.audit.filters import ChangeFilter, kinds
from catalog.audit.words import in_words
from catalog.models import Change
from catalog.pages import BrandRequest, brand_page
from erp.core.keyset import key_page, keys_of
from erp.core.models import User


@vary_on_headers("HX-Request")
@brand_page(Right.VIEW)
def changes(request: BrandRequest) -> HttpResponse:
    """Products and the like for everybody who sees the brand; memberships for its owners and for auditors."""
    found = _found(request)
    page = key_page(found.qs.select_related("brand"), **keys_of(request))
    context: dict[str, Any] = {
        "filter": found,
        "rows": in_words(page.rows),
        "page": page,
        "people": people_of(request),
        "kinds": kinds(private=request.can_manage or request.user.is_auditor),
        "searched": any(found.form.cleaned_data.values()),
        "query": _address(request),
        "thing": found.form.cleaned_data.get("thing", ""),
    }
    template = "catalog/changes.html#results" if request.htmx else "catalog/changes.html"
    return render(request, template, context)


@brand_page(Right.VIEW)
def changes_file(request: BrandRequest) -> HttpResponseBase:
    found = _found(request)
    if not found.is_valid():
        return redirect(f"{reverse('catalog:changes', args=[request.brand.slug])}{_address(request)}")
    return changes_csv(found.qs, name=request.brand.slug)


def _found(request: BrandRequest) -> ChangeFilter:
    seen = Change.objects.of(request.brand).visible_to(request.user)
    found = ChangeFilter(request.GET, queryset=seen, request=request, brand=request.brand)
    found.is_valid()
    return found


def people_of(request: BrandRequest) -> Any:
    """Those who work in the brand now. Whoever has left is found by their user name in the address."""
    return User.objects.filter(memberships__brand=request.brand).order_by("username")


def _address(request: BrandRequest) -> str:
    params = request.GET.copy()
    for name in ("before", "after"):
        params.pop(name, None)
    return f"?{params.urlencode()}"

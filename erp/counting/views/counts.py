"""All counts of a brand, and a new one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.flash import done
from erp.counting.cycles import Proposal, proposals
from erp.counting.forms.new import NewCountForm, Scope
from erp.counting.models import StockCount
from erp.counting.selectors import shown_variants, swatch_of
from erp.counting.views.base import home_of
from erp.inventory.forms.sheet import numbers
from erp.inventory.models import Location

PER_PAGE = 30


@require_safe
@brand_page()
def counts(request: BrandRequest) -> HttpResponse:
    found = StockCount.objects.of(request.brand)
    state = request.GET.get("state", "")
    if state in StockCount.State.values:
        found = found.filter(state=state)
    found = found.with_progress().select_related("location", "created_by")
    page_obj = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page_obj, "states": StockCount.State.choices, "state": state}
    return render(request, "counting/counts.html", context)


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    if request.method == "POST":
        form = NewCountForm(request.POST, brand=request.brand)
        count = form.save(request.user) if form.is_valid() else None
        if count:
            done(request, _("The count has begun. Scan the first piece."))
            return home_of(request, count)
        return _page(request, form, request.POST.get("location"))
    chosen = {name: request.GET[name] for name in ("scope", "location") if request.GET.get(name)}
    return _page(request, NewCountForm(brand=request.brand, initial=chosen), chosen.get("location"))


def _page(request: BrandRequest, form: NewCountForm, place: str | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "proposals": None}
    if form.scope_now == Scope.CYCLE:
        location = _place(request, form, place)
        found = proposals(request.brand, location) if location else []
        context |= {"proposals": _rows(found, form), "place": location}
    return render(request, "counting/new.html", context, status=422 if form.errors else 200)


def _place(request: BrandRequest, form: NewCountForm, place: str | None) -> Location | None:
    """The chosen place, else the first."""
    ours = Location.objects.of(request.brand).internal().open()
    return ours.filter(pk__in=numbers([place or ""])).first() or ours.first()


def _rows(found: list[Proposal], form: NewCountForm) -> list[dict[str, Any]]:
    variants = shown_variants(proposal.variant_id for proposal in found)
    return [
        {
            "proposal": proposal,
            "variant": variants[proposal.variant_id],
            "swatch": swatch_of(variants[proposal.variant_id]),
            "ticked": not form.ticked or proposal.variant_id in form.ticked,
        }
        for proposal in found
    ]

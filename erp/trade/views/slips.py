"""Slips: the list, one of them as a page, and as PDF."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.vary import vary_on_headers

from catalog.pages import BrandRequest, brand_page
from erp.core.pdf import pdf_response
from erp.trade.filters.slips import SlipFilter, slip_number
from erp.trade.models import Partner, Slip
from erp.trade.pdf.flow import FORMATS
from erp.trade.pdf.slip import slip_pdf
from erp.trade.selectors.slips import bars_of, groups_of, heading_of, money_rows

PER_PAGE = 30


@vary_on_headers("HX-Request")
@brand_page()
def slip_list(request: BrandRequest) -> HttpResponse:
    """Newest first. A whole number, as a scanner reads it from the paper, opens its slip."""
    slips = Slip.objects.of(request.brand)
    number = slip_number(request.GET.get("q", ""))
    if number and not request.htmx and (found := slips.filter(**number).first()):
        return redirect("trade:slip", request.brand.slug, found.public_id)
    narrowed = SlipFilter(request.GET, queryset=slips, request=request)
    rows = narrowed.qs if narrowed.is_valid() else slips.none()
    chosen = narrowed.form.cleaned_data if narrowed.is_valid() else {}
    page = {
        "filter": narrowed,
        "chosen": chosen,
        "buyer": Partner.objects.of(request.brand).filter(pk=chosen["buyer"]).first() if chosen.get("buyer") else None,
        "kinds": Slip.Kind.choices,
        "page_obj": Paginator(rows.select_related("reversed_by"), PER_PAGE).get_page(request.GET.get("page")),
    }
    template = "trade/slips.html#results" if request.htmx else "trade/slips.html"
    return render(request, template, page)


@brand_page()
def slip(request: BrandRequest, public_id: str) -> HttpResponse:
    found = _slip(request, public_id)
    page = {
        "slip": found,
        "heading": heading_of(found),
        "groups": groups_of(found.lines.select_related("variant")),
        "money_rows": money_rows(found),
        "against": Slip.objects.filter(reverses=found).first(),
        "code": bars_of(str(found)),
    }
    return render(request, "trade/slip.html", page)


@brand_page()
def pdf(request: BrandRequest, public_id: str) -> HttpResponse:
    """`?width=` is a4, a6 or 80mm; a width that there is none of is A4."""
    found = _slip(request, public_id)
    width = request.GET.get("width", "a4")
    width = width if width in FORMATS else "a4"
    return pdf_response(slip_pdf(found, width), f"{request.brand.slug}-{found}-{width}.pdf")


def _slip(request: BrandRequest, public_id: str) -> Slip:
    slips = Slip.objects.of(request.brand).select_related("brand", "buyer", "order", "posting", "reverses")
    return get_object_or_404(slips, public_id=public_id)

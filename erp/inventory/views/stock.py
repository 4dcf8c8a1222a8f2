"""What is on hand, variant by variant."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from catalog.pages import BrandRequest, brand_page
from erp.inventory.forms.stock import StockFilter
from erp.inventory.models import Location
from erp.inventory.shelf import rows_of

PER_PAGE = 50


@vary_on_headers("HX-Request")
@brand_page()
def stock(request: BrandRequest) -> HttpResponse:
    """The variants with their numbers; each leads to the movements that made it. htmx gets the results only."""
    form = StockFilter(request.GET, brand=request.brand)
    locations = list(Location.objects.of(request.brand).internal())
    page_obj = Paginator(form.found(), PER_PAGE).get_page(request.GET.get("page"))
    page: dict[str, Any] = {
        "form": form,
        "page_obj": page_obj,
        "locations": locations,
        "shown": [form.place] if form.place else locations,
        "rows": rows_of(request.brand, page_obj.object_list, [form.place] if form.place else locations),
    }
    template = "inventory/stock.html#results" if request.htmx else "inventory/stock.html"
    return render(request, template, page)

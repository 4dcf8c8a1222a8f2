"""The list of products and the page of one."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.vary import vary_on_headers

from catalog.measuring import measured, size_table
from catalog.models import Product, ProductColour
from catalog.pages import BrandRequest, brand_page
from erp.inventory import overview
from erp.inventory.forms.products import ProductFilter, Stock
from erp.inventory.models import Location

PER_PAGE = 24
HISTORY_SHOWN = 8


@vary_on_headers("HX-Request")
@brand_page()
def products(request: BrandRequest) -> HttpResponse:
    """Filters are links and a form; an htmx request gets the results only."""
    form = ProductFilter(request.GET, brand=request.brand)
    pages = Paginator(_listed(form.found()), PER_PAGE)
    page: dict[str, Any] = {
        "form": form,
        "page_obj": pages.get_page(request.GET.get("page")),
        "statuses": _statuses(form),
        "stocks": Stock.choices,
        "filtered": bool(form.chosen),
    }
    template = "inventory/products.html#results" if request.htmx else "inventory/products.html"
    return render(request, template, page)


def _listed(found: QuerySet[Product]) -> QuerySet[Product]:
    """The products with everything a row shows."""
    colours = Prefetch("product_colours", ProductColour.objects.select_related("colour"))
    rows = overview.with_stock(found).select_related("category").prefetch_related("images", colours)
    return rows.order_by("-id")


def _statuses(form: ProductFilter) -> list[tuple[str, Any, int]]:
    """Each status with its label and how many products have it under the other filters; "" is what is not archived."""
    counts = dict(form.counted().order_by().values_list("status").annotate(Count("pk")))
    chips = [(value, label, counts.get(value, 0)) for value, label in Product.Status.choices]
    listed = sum(counts.values()) - counts.get(Product.Status.ARCHIVED, 0)
    return [("", None, listed), *chips]


@brand_page()
def product(request: BrandRequest, pk: int) -> HttpResponse:
    """`?location=CODE` narrows the grid to one of our places."""
    rows = _listed(Product.objects.of(request.brand)).select_related("pattern", "brand")
    found = get_object_or_404(rows.prefetch_related("measurements__size"), pk=pk)
    place = _place(request)
    page = {
        "product": found,
        "images": found.images.all(),
        "measured": size_table(measured(found)),
        "place": place,
        "table": overview.stock_table(found, place),
        "movements": overview.latest_movements(found, HISTORY_SHOWN),
    }
    return render(request, "inventory/product.html", page)


def _place(request: BrandRequest) -> Location | None:
    """The place of the address; one that is not ours narrows nothing."""
    code = request.GET.get("location", "").replace("\x00", "")
    return Location.objects.of(request.brand).internal().filter(code=code).first() if code else None

"""From photos to a listing: take photos, watch the answers come, confirm."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from catalog.access import Right
from catalog.models import Product
from catalog.pages import BrandRequest, brand_page


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    return render(request, "vision/new.html")


@brand_page(Right.WORK)
def listing(request: BrandRequest, pk: int) -> HttpResponse:
    product = get_object_or_404(Product.objects.of(request.brand), pk=pk)
    return render(request, "vision/listing.html", {"product": product})

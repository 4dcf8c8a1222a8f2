"""The list of products and the page of one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from catalog.models import Product
from catalog.pages import BrandRequest, brand_page


@brand_page()
def products(request: BrandRequest) -> HttpResponse:
    return render(request, "inventory/products.html")


@brand_page()
def product(request: BrandRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Product.objects.of(request.brand), pk=pk)
    return render(request, "inventory/product.html", {"product": found})

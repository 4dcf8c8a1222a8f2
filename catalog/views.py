"""The page that edits everything of a product."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from catalog.access import Right
from catalog.models import Product
from catalog.pages import BrandRequest, brand_page


@brand_page(Right.WORK)
def edit(request: BrandRequest, pk: int) -> HttpResponse:
    product = get_object_or_404(Product.objects.of(request.brand), pk=pk)
    return render(request, "catalog/edit.html", {"product": product})

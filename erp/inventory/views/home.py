"""The first page, and the home of a brand: what is low, what moved today, which drafts wait."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from catalog.models import Brand
from catalog.pages import BrandRequest, brand_page


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """The home of the person's first brand; auditors without one go to the audit page."""
    brand = Brand.objects.visible_to(request.user).first()
    if brand is None:
        return render(request, "nobrand.html")
    return redirect("inventory:home", brand.slug)


@brand_page()
def home(request: BrandRequest) -> HttpResponse:
    return render(request, "inventory/home.html")

"""The first page, and the home of a brand: what is low, what moved today, which drafts wait."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from catalog.models import Brand, Product
from catalog.pages import BrandRequest, brand_page
from erp.inventory import overview

SHOWN = 8
DRAFTS_SHOWN = 6


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """The home of the person's first brand."""
    brand = Brand.objects.visible_to(request.user).first()
    if brand is None:
        return render(request, "nobrand.html")
    return redirect("inventory:home", brand.slug)


@brand_page()
def home(request: BrandRequest) -> HttpResponse:
    products = Product.objects.of(request.brand)
    if not products.exists():
        return render(request, "inventory/home_new.html")
    low = overview.low_variants(request.brand)
    drafts = products.drafts()
    page = {
        "on_hand": overview.pieces_on_hand(request.brand),
        "today": overview.today(request.brand, limit=SHOWN),
        "low": low.select_related("product", "colour", "size").prefetch_related("product__images")[:SHOWN],
        "low_count": low.count(),
        "drafts": drafts.prefetch_related("images")[:DRAFTS_SHOWN],
        "draft_count": drafts.count(),
    }
    return render(request, "inventory/home.html", page)

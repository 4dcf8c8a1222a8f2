"""The first page, and the home of a brand: what is low, what moved today, which drafts wait."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from catalog.models import Brand, Product
from catalog.pages import BrandRequest, brand_page
from erp.inventory import overview
from erp.inventory.notices import notices_of

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
    drafts = products.drafts()
    page = {
        "on_hand": overview.pieces_on_hand(request.brand),
        "today": overview.today(request.brand, limit=SHOWN),
        "low": overview.low(request.brand, limit=SHOWN),
        "notices": list(notices_of(request.brand)),
        "drafts": drafts.prefetch_related("images")[:DRAFTS_SHOWN],
        "draft_count": drafts.count(),
    }
    return render(request, "inventory/home.html", page)

"""From photos to a listing: take photos, watch the answers come, confirm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from catalog import services as catalog_services
from catalog.access import Right
from catalog.models import Product
from catalog.pages import BrandRequest, brand_page
from catalog.uploads import Uploaded, add_photos, create_product_from
from catalog.views import product_of, tell_refused
from erp.core.flash import done
from vision import services
from vision.forms import ListingForm, proposals
from vision.models import VisionSettings

UNDER_WAY = ("queued", "running")


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    """Photos in, a draft out. When no file is usable nothing is saved and each one's reason is shown."""
    if request.method != "POST":
        return render(request, "vision/new.html")
    files = request.FILES.getlist("photos")
    uploaded = create_product_from(brand=request.brand, files=files, actor=request.user)
    if uploaded.product is None:
        template = "vision/new.html#refused" if request.htmx else "vision/new.html"
        return render(request, template, {"refused": uploaded.refused, "none_chosen": not files}, status=422)
    tell_refused(request, uploaded)
    address = reverse("vision:listing", args=[request.brand.slug, uploaded.product.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


@brand_page(Right.WORK)
def listing(request: BrandRequest, pk: int) -> HttpResponse:
    """The form of a draft, filled in by its photos. `action=draft` keeps it as it is, anything else confirms it."""
    product = product_of(request, pk)
    if product.status != Product.Status.DRAFT:
        return redirect("catalog:edit", request.brand.slug, product.pk)
    found = services.suggestions_for(product)
    keep = request.POST.get("action") == "draft"
    form = ListingForm(request.POST or None, product=product, found=found, complete=bool(request.POST) and not keep)
    if request.method == "POST" and form.is_valid() and form.save(actor=request.user):
        if keep:
            done(request, _("Draft saved. You find it on the home page."))
            return redirect("inventory:home", request.brand.slug)
        return redirect("inventory:opening", request.brand.slug, product.pk)
    page = watched(product, found) | {"form": form}
    return render(request, "vision/listing.html", page, status=422 if form.errors else 200)


@require_safe
@brand_page(Right.WORK)
def suggestions(request: BrandRequest, pk: int) -> HttpResponse:
    """What is known by now; the fragment asks again until every photo has been looked at."""
    product = product_of(request, pk)
    if not request.htmx:
        return redirect("vision:listing", request.brand.slug, product.pk)
    return render(request, "vision/suggestions.html", watched(product, services.suggestions_for(product)))


@require_POST
@brand_page(Right.WORK)
def photos(request: BrandRequest, pk: int) -> HttpResponse:
    """Adds photos, or with `remove` or `retry` removes or analyses again the one named."""
    product = product_of(request, pk)
    uploaded = Uploaded(product)
    if files := request.FILES.getlist("photos"):
        uploaded = add_photos(product=product, files=files, actor=request.user)
    elif public_id := request.POST.get("remove"):
        catalog_services.remove_image(image=_photo(product, public_id), actor=request.user)
    elif public_id := request.POST.get("retry"):
        services.retry_analysis(image=_photo(product, public_id))
    if not request.htmx:
        tell_refused(request, uploaded)
        return redirect("vision:listing", request.brand.slug, product.pk)
    page = watched(product, services.suggestions_for(product)) | {"refused": uploaded.refused, "swap_photos": True}
    return render(request, "vision/suggestions.html", page)


def _photo(product: Product, public_id: str) -> Any:
    try:
        wanted: UUID | None = UUID(public_id)
    except ValueError:
        wanted = None
    return get_object_or_404(product.images.all(), public_id=wanted)


def watched(product: Product, found: services.ProductSuggestions) -> dict[str, Any]:
    """What the listing and its fragments show; `values` is what the page's script fills into untouched fields."""
    under_way = found.state in UNDER_WAY
    values = proposals(found) if found.state != "none" else {}
    return {"product": product, "found": found, "under_way": under_way, "values": values}


@brand_page(Right.MANAGE)
def photo_settings(request: BrandRequest) -> HttpResponse:
    """Whether the brand's photos may train the models."""
    if request.method == "POST":
        allowed = request.POST.get("photos_train") != "no"
        services.let_photos_train(brand=request.brand, allowed=allowed, actor=request.user)
        done(request, _("Saved."))
        return redirect("vision:photo-settings", request.brand.slug)
    stored = VisionSettings.objects.of(request.brand).first() or VisionSettings()
    return render(request, "vision/photo_settings.html", {"allowed": stored.photos_train})

"""What is this? A code from a scanner, the camera or a photo, and everything that can be done with it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from catalog.models import ProductColour, Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.inventory.lookup import find_variant, look_up
from erp.inventory.models import Balance
from erp.labels.reading import FoundCode, read_upload
from erp.labels.throttle import check_rate


@vary_on_headers("HX-Request")
@brand_page()
def scan(request: BrandRequest) -> HttpResponse:
    """`?code=` shows the variant it means; htmx gets that part only. A POST brings a photo of a barcode."""
    if request.method == "POST":
        return _photo(request)
    code = request.GET.get("code", "").strip()[:120].replace("\x00", "")
    context: dict[str, Any] = {"code": code, "asked": bool(code)}
    if code:
        context |= _found(request, code)
    return render(request, "labels/scan.html#found" if request.htmx else "labels/scan.html", context)


def _found(request: BrandRequest, code: str) -> dict[str, Any]:
    found = look_up(request.brand, code)
    return {"found": found} | (_about(found.variant) if found.variant else {})


def _about(variant: Variant) -> dict[str, Any]:
    """The variant's picture and colour, and what is where."""
    balances = list(
        Balance.objects.filter(variant=variant).select_related("location").order_by("location__position", "pk")
    )
    colour = ProductColour.objects.filter(product=variant.product, colour=variant.colour).first()
    return {
        "variant": variant,
        "image": variant.product.images.first(),
        "swatch": colour.hex if colour and colour.hex else variant.colour.hex,
        "balances": balances,
        "on_hand": sum(balance.on_hand for balance in balances),
        "reserved": sum(balance.reserved for balance in balances),
        "available": sum(balance.available for balance in balances),
    }


def _photo(request: BrandRequest) -> HttpResponse:
    """The code of a photo, shown as if it had been scanned; of several codes the one that is known, else a choice."""
    file = request.FILES.get("photo")
    if not isinstance(file, UploadedFile):
        return _refused(request, _("Choose a photo of a barcode first."))
    check_rate(request)
    try:
        codes = read_upload(file)
    except DomainError as error:
        return _refused(request, str(error.message))
    if not codes:
        words = _("No barcode was found in this photo. Go closer, hold still, and mind shadows and glare.")
        return _refused(request, words)
    known = [code for code in codes if find_variant(request.brand, code.text)]
    only = known if len(known) == 1 else codes
    if len(only) == 1:
        return redirect(f"{reverse('labels:scan', args=[request.brand.slug])}?{urlencode({'code': only[0].text})}")
    return render(request, "labels/scan.html", {"choices": _choices(request, codes)})


def _choices(request: BrandRequest, codes: list[FoundCode]) -> list[tuple[FoundCode, Variant | None]]:
    return [(code, find_variant(request.brand, code.text)) for code in codes]


def _refused(request: BrandRequest, words: str) -> HttpResponse:
    return render(request, "labels/scan.html", {"photo_error": words})

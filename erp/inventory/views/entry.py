"""Receive, ship, adjust, move and open stock through the colour x size grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.access import Right
from catalog.models import Product, Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.flash import done
from erp.inventory.forms.adjust import AdjustForm
from erp.inventory.forms.entry import EntryForm
from erp.inventory.forms.moves import ReceiveForm, ShipForm, TransferForm
from erp.inventory.forms.opening import OpeningForm
from erp.inventory.forms.sheet import numbers
from erp.inventory.lookup import Found, look_up
from erp.inventory.models import Posting
from erp.inventory.words import posted_words

FORMS: dict[str, type[EntryForm]] = {
    "receive": ReceiveForm,
    "ship": ShipForm,
    "transfer": TransferForm,
    "adjust": AdjustForm,
}


@brand_page(Right.WORK)
def receive(request: BrandRequest) -> HttpResponse:
    return _entry(request, "receive")


@brand_page(Right.WORK)
def ship(request: BrandRequest) -> HttpResponse:
    return _entry(request, "ship")


@brand_page(Right.WORK)
def transfer(request: BrandRequest) -> HttpResponse:
    return _entry(request, "transfer")


@brand_page(Right.WORK)
def adjust(request: BrandRequest) -> HttpResponse:
    return _entry(request, "adjust")


def _entry(request: BrandRequest, name: str) -> HttpResponse:
    """Shows the entry, looks something up for it (keeping what was typed), or posts it."""
    kind = FORMS[name]
    if request.method != "POST":
        products = numbers(request.GET.getlist("product"))
        # A link may bring quantities along, such as those to reorder; the person looks them over and presses.
        brought = request.GET.copy()
        brought.pop("key", None)
        return _page(request, name, kind(brand=request.brand, products=products, draft=brought))
    products = numbers([*request.POST.getlist("product"), *request.POST.getlist("add")])
    if request.POST.get("action") or request.POST.get("add"):
        return _drafted(request, name, products)
    form = kind(request.POST, brand=request.brand, products=products)
    if not form.is_valid():
        return _page(request, name, form)
    posting = form.save(request.user)
    if form.errors:
        return _page(request, name, form)
    return _finished(request, name, posting)


def _drafted(request: BrandRequest, name: str, products: list[int]) -> HttpResponse:
    """What the page's script does by itself: looks up a code or words, or shows another place's balances."""
    found, scanned = None, None
    if request.POST.get("action") == "find" and request.POST.get("code", "").strip():
        found = look_up(request.brand, request.POST["code"])
        scanned = ready(found)
    if scanned:
        form = FORMS[name](brand=request.brand, products=[*products, scanned.product_id], draft=request.POST)
        form.sheet.count_up(scanned.pk)
        return _page(request, name, form)
    return _page(request, name, FORMS[name](brand=request.brand, products=products, draft=request.POST), found=found)


def _page(request: BrandRequest, name: str, form: EntryForm, **context: Any) -> HttpResponse:
    context |= {"form": form, "entry": name, "code": request.POST.get("code", "")}
    return render(request, "inventory/entry.html", context, status=422 if form.errors else 200)


def _finished(request: BrandRequest, name: str, posting: Posting | None) -> HttpResponse:
    if posting is None:
        messages.success(request, _("The book agrees with your count: nothing to change."))
        return redirect(f"inventory:{name}", request.brand.slug)
    done(
        request, posted_words(posting), undo=reverse("inventory:reverse", args=[request.brand.slug, posting.public_id])
    )
    return redirect("inventory:posting", request.brand.slug, posting.public_id)


@brand_page(Right.WORK)
def find(request: BrandRequest) -> HttpResponse:
    """A fragment for the entry page: the grid of a product or a code's variant, the products words fit, or an error."""
    kind = FORMS.get(request.GET.get("entry", ""), ReceiveForm)
    return found_page(request, lambda products: kind(brand=request.brand, products=products, draft=request.GET))


def found_page(request: BrandRequest, form_of: Callable[[list[int]], Any]) -> HttpResponse:
    """What scan.js asks for, in the grids of the form that `form_of` makes of the products found."""
    products = numbers(request.GET.getlist("product"))
    found = Found() if products else look_up(request.brand, request.GET.get("code", ""))
    if scanned := ready(found):
        products = [scanned.product_id]
    form = form_of(products)
    context = {"form": form, "found": found, "code": request.GET.get("code", "")}
    missing = not form.sheet.grids and not found.products
    return render(request, "inventory/entry_found.html", context, status=404 if missing else 200)


def ready(found: Found) -> Variant | None:
    """The variant a code means, unless it belongs to a draft, which holds no stock yet."""
    variant = found.variant
    return variant if variant and variant.product.status != Product.Status.DRAFT else None


@brand_page(Right.WORK)
def opening(request: BrandRequest, pk: int) -> HttpResponse:
    """The opening stock of one product; saving it puts a draft on sale, with or without stock."""
    product = get_object_or_404(Product.objects.of(request.brand), pk=pk)
    form = OpeningForm(request.POST if request.method == "POST" else None, brand=request.brand, product=product)
    if request.method == "POST" and form.is_valid():
        first = form.is_first
        posting = form.save(request.user)
        if not form.errors:
            return _opened(request, product, posting, first=first)
    context = {"form": form, "product": product, "entry": "opening"}
    return render(request, "inventory/opening.html", context, status=422 if form.errors else 200)


def _opened(request: BrandRequest, product: Product, posting: Posting | None, *, first: bool) -> HttpResponse:
    sentences = []
    if first:
        sentences.append(_("%(name)s is on sale.") % {"name": product.name})
    if posting:
        sentences.append(posted_words(posting))
    undo = reverse("inventory:reverse", args=[request.brand.slug, posting.public_id]) if posting else ""
    done(request, " ".join(sentences), undo=undo)
    return redirect("inventory:product", request.brand.slug, product.pk)

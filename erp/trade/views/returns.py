"""Returns and exchanges: the list, a new one that is looked over first, one of them, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.inventory.forms.sheet import numbers
from erp.inventory.lookup import look_up
from erp.inventory.views.entry import ready
from erp.trade.forms.returns import ReturnForm
from erp.trade.models import Order, ReturnNote
from erp.trade.selectors.returns import effects_of
from erp.trade.services.returns import take_back_return

PER_PAGE = 30


@brand_page()
def note_list(request: BrandRequest) -> HttpResponse:
    """`?q=` is a number of a return or of an order, or a part of the buyer's name."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    notes = ReturnNote.objects.of(request.brand).search(text) if text else ReturnNote.objects.of(request.brand)
    rows = notes.with_pieces().select_related("buyer", "order").order_by("-pk")
    page = {"text": text, "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))}
    return render(request, "trade/returns.html", page)


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    """Typed, looked over (what happens to stock and money), and only then confirmed. `?order=` is an order's number."""
    order = _order(request)
    common: dict[str, Any] = {"brand": request.brand, "order": order}
    if request.method != "POST":
        if request.GET.get("order") and order is None:
            messages.warning(request, _("There is no order %(number)s.") % {"number": request.GET["order"][:40]})
        return _page(request, ReturnForm(products=numbers(request.GET.getlist("product")), **common))
    products = numbers([*request.POST.getlist("product"), *request.POST.getlist("add")])
    if request.POST.get("action") or request.POST.get("add"):
        return _drafted(request, common, products)
    form = ReturnForm(request.POST, products=products, **common)
    if not form.is_valid():
        return _page(request, form)
    confirmed = request.POST.get("step") == "save" and request.POST.get("seen") == form.content
    if not confirmed:
        form.look_over(request.user)
        return _page(request, form, changed=request.POST.get("step") == "save")
    note = form.save(request.user)
    if form.errors or note is None:
        return _page(request, form)
    done(request, _("Taken back as %(number)s.") % {"number": note.number})
    return redirect("trade:return", request.brand.slug, note.public_id)


def _order(request: BrandRequest) -> Order | None:
    number = (request.POST.get("order") or request.GET.get("order") or "").replace("\0", "").strip()[:30]
    orders = Order.objects.of(request.brand).select_related("buyer")
    return orders.filter(number__iexact=number).first() if number else None


def _drafted(request: BrandRequest, common: dict[str, Any], products: list[int]) -> HttpResponse:
    found, variant = None, None
    if request.POST.get("action") == "find" and request.POST.get("code", "").strip():
        found = look_up(request.brand, request.POST["code"])
        variant = ready(found)
    form = ReturnForm(draft=request.POST, products=[*products, *([variant.product_id] if variant else [])], **common)
    if variant:
        form.count_up(variant.pk)
    return _page(request, form, found=None if variant else found)


def _page(request: BrandRequest, form: ReturnForm, **context: Any) -> HttpResponse:
    context |= {"form": form, "order": form.order, "code": request.POST.get("code", "")}
    return render(request, "trade/return_new.html", context, status=422 if form.errors else 200)


@brand_page(Right.WORK)
def find(request: BrandRequest) -> HttpResponse:
    """The answer to the scanner: the three grids of the product that was found."""
    products = numbers(request.GET.getlist("product"))
    found = None if products else look_up(request.brand, request.GET.get("code", ""))
    variant = ready(found) if found else None
    if variant:
        products = [variant.product_id]
    form = ReturnForm(brand=request.brand, products=products, draft=request.GET)
    context = {"form": form, "found": found, "code": request.GET.get("code", "")}
    missing = not form.groups and not (found and found.products)
    return render(request, "trade/return_found.html", context, status=404 if missing else 200)


@brand_page()
def note(request: BrandRequest, public_id: str) -> HttpResponse:
    return _note_page(request, _note(request, public_id))


def _note(request: BrandRequest, public_id: str) -> ReturnNote:
    related = ("order", "buyer", "posting", "sent", "slip", "created_by", "taken_back_by")
    return get_object_or_404(ReturnNote.objects.of(request.brand).select_related(*related), public_id=public_id)


def _note_page(request: BrandRequest, found: ReturnNote, error: DomainError | None = None) -> HttpResponse:
    lines = found.lines.select_related("variant__product", "variant__colour", "variant__size", "location")
    page = {
        "note": found,
        "lines": lines.prefetch_related("variant__product__images"),
        "effects": effects_of(found),
        "error": error,
    }
    return render(request, "trade/return.html", page, status=error.status if error else 200)


@brand_page(Right.WORK)
@require_POST
def take_back(request: BrandRequest, public_id: str) -> HttpResponse:
    found = _note(request, public_id)
    try:
        undone = take_back_return(note=found, actor=request.user, reason=request.POST.get("reason", "").strip()[:200])
    except DomainError as error:
        return _note_page(request, found, error)
    if undone.replayed:
        messages.warning(request, _("This was taken back before."))
    else:
        done(request, _("Taken back: the goods, the money, and what it counted on the order."))
    return redirect("trade:return", request.brand.slug, found.public_id)

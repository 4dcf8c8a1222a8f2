"""Counting: by scanning on a phone, several people at once, or by the grid of a product."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.models import Product, Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.counting.forms.sheet import CountSheet
from erp.counting.models import CountEntry, StockCount
from erp.counting.selectors import neighbours, outside_products, product_rows, products_in, progress_of
from erp.counting.services import Entry, add_entries, cancel_count, undo_entry
from erp.counting.views.base import count_of, home_of, reviews, shows_book, told
from erp.counting.views.results import result
from erp.inventory.lookup import find_variant

PER_PAGE = 30
DONE = {"open": False, "done": True}


@vary_on_headers("HX-Request")
@require_safe
@brand_page()
def count(request: BrandRequest, public_id: Any) -> HttpResponse:
    """The page of a count: scanning and its products while it is open, then its review, at last its result."""
    found = count_of(request, public_id)
    if found.state == StockCount.State.REVIEWING:
        return redirect("counting:review", request.brand.slug, found.public_id)
    if found.is_over:
        return result(request, found)
    text = request.GET.get("q", "").strip()[:120]
    chosen = request.GET.get("show", "")
    page_obj = Paginator(products_in(found, text=text, done=DONE.get(chosen)), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "count": found, "progress": progress_of(found), "may_review": reviews(request, found), "q": text,
        "show": chosen, "page_obj": page_obj, "rows": product_rows(page_obj.object_list),
        "others": outside_products(found, text), "entry_id": uuid.uuid4(),
    }  # fmt: skip
    template = "counting/count.html#products" if request.htmx else "counting/count.html"
    return render(request, template, context)


@require_safe
@brand_page()
def progress(request: BrandRequest, public_id: Any) -> HttpResponse:
    """A fragment that the page asks for every few seconds. A count that is no longer open is shown whole."""
    found = count_of(request, public_id)
    if not found.is_open:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "counting/progress.html", {"count": found, "progress": progress_of(found)})


@require_POST
@brand_page(Right.WORK)
def scan(request: BrandRequest, public_id: Any) -> HttpResponse:
    """One scanned code, with the id that its device gave it: sent again it counts once."""
    found = count_of(request, public_id)
    by_script = "device" in request.POST  # only count.js names one
    try:
        words = _scanned(request, found)
    except DomainError as error:
        text = str(error.problems[0].message if error.problems else error.message)
        if by_script:
            return JsonResponse({"text": text}, status=error.status if error.status != 400 else 422)
        messages.error(request, text)
        return home_of(request, found)
    if by_script:
        return JsonResponse({"text": words})
    done(request, words)
    return home_of(request, found)


def _scanned(request: BrandRequest, count: StockCount) -> str:
    code = request.POST.get("code", "").strip()[:120].replace("\0", "")
    variant = find_variant(request.brand, code) if code else None
    if variant is None:
        message = _("“%(code)s” is not known. Check the label, or look the product up below.")
        raise DomainError("unknown_variant", message % {"code": code[:60]}, status=422)
    try:
        entry_id = uuid.UUID(request.POST.get("entry", ""))
    except ValueError:
        entry_id = uuid.uuid4()
    entry = Entry(variant.pk, 1, CountEntry.Kind.ADD, entry_id)
    added = add_entries(count=count, actor=request.user, entries=[entry], device=request.POST.get("device", ""))
    return f"{named(variant)}: {added.counted[variant.pk]}"


def named(variant: Variant) -> str:
    name = variant.product.name or variant.product.style_number
    return f"{name} {variant.colour.name} {variant.size.code}"


@require_POST
@brand_page(Right.WORK)
def undo(request: BrandRequest, public_id: Any) -> HttpResponse:
    """Takes one scan back; htmx gets the new progress."""
    found = count_of(request, public_id)
    text = request.POST.get("entry", "")
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    entry = get_object_or_404(CountEntry, count=found, pk=pk)
    try:
        undo_entry(count=found, actor=request.user, entry=entry)
    except DomainError as error:
        if not request.htmx:
            return told(request, found, error)
        context = {"count": found, "progress": progress_of(found), "error": error}
        return render(request, "counting/progress.html", context, status=422)
    if request.htmx:
        return render(request, "counting/progress.html", {"count": found, "progress": progress_of(found)})
    done(request, _("The scan was taken back."))
    return home_of(request, found)


@brand_page(Right.WORK)
def sheet(request: BrandRequest, public_id: Any, pk: int) -> HttpResponse:
    """The colour x size grid of one product."""
    found = count_of(request, public_id)
    product = get_object_or_404(Product.objects.of(request.brand).prefetch_related("images"), pk=pk)
    if not found.is_open:
        return home_of(request, found)
    data = request.POST if request.method == "POST" else None
    form = CountSheet(data, count=found, product=product, shows_book=shows_book(request, found))
    before, after = neighbours(found, product)
    if data is not None and (saved := form.save(request.user, device="grid")) is not None:
        words = ngettext("%(n)s variant was counted.", "%(n)s variants were counted.", saved) % {"n": saved}
        done(request, words)
        if "next" in data and after:
            return redirect("counting:sheet", request.brand.slug, found.public_id, after)
        return home_of(request, found)
    context = {"count": found, "product": product, "form": form, "before": before, "after": after}
    return render(request, "counting/sheet.html", context, status=422 if form.errors else 200)


@require_POST
@brand_page(Right.WORK)
def cancel(request: BrandRequest, public_id: Any) -> HttpResponse:
    found = count_of(request, public_id)
    try:
        cancel_count(count=found)
    except DomainError as error:
        return told(request, found, error)
    done(request, _("The count was cancelled. The stock stays as it was."))
    return redirect("counting:counts", request.brand.slug)

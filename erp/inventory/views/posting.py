"""One posting: its lines, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.inventory.models import MovementKind, Posting
from erp.inventory.services import reverse_posting
from erp.inventory.words import posted_words

PER_PAGE = 200
BEFORE = ("already_reversed", "idempotency_conflict")


@brand_page()
def posting(request: BrandRequest, public_id: str) -> HttpResponse:
    return _page(request, _posting(request, public_id))


@brand_page(Right.WORK)
@require_POST
def reverse(request: BrandRequest, public_id: str) -> HttpResponse:
    """Takes the whole posting back, once: the key is the posting's own, so a second press finds the first."""
    found = _posting(request, public_id)
    key, note = f"reverse:{found.public_id}", request.POST.get("note", "").strip()
    try:
        reversal = reverse_posting(posting=found, actor=request.user, idempotency_key=key, note=note)
    except DomainError as error:
        if error.code not in BEFORE:
            return _page(request, found, error=error, note=note)
        messages.warning(request, _("This was reversed before."))
    else:
        done(request, posted_words(reversal))
    return redirect("inventory:posting", request.brand.slug, found.public_id)


def _posting(request: BrandRequest, public_id: str) -> Posting:
    return get_object_or_404(Posting.objects.of(request.brand).select_related("brand", "actor"), public_id=public_id)


def _page(request: BrandRequest, posting: Posting, error: DomainError | None = None, note: str = "") -> HttpResponse:
    movements = posting.movements.order_by("pk").select_related(
        "variant__product", "variant__colour", "variant__size", "source", "destination", "reversed_by__posting"
    )
    page_obj = Paginator(movements.prefetch_related("variant__product__images"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    sums = posting.movements.aggregate(
        lines=Count("pk"), pieces=Sum("quantity", default=0), reversed=Count("reversed_by")
    )
    others = Posting.objects.of(request.brand).select_related("actor").distinct()
    context: dict[str, Any] = {
        "posting": posting,
        "page_obj": page_obj,
        "sums": sums,
        "reversals": others.filter(movements__reverses__posting=posting),
        "originals": others.filter(movements__reversed_by__posting=posting),
        "can_reverse": request.can_work and posting.kind != MovementKind.REVERSAL and not sums["reversed"],
        "error": error,
        "note": note,
    }
    return render(request, "inventory/posting.html", context, status=error.status if error else 200)

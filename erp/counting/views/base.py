"""What the pages of one count have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from catalog.access import Right
from catalog.pages import BrandRequest
from erp.core.errors import DomainError
from erp.counting.access import may_review, sees_book
from erp.counting.models import StockCount


def count_of(request: BrandRequest, public_id: Any) -> StockCount:
    """The brand's count; another's is 404."""
    counts = StockCount.objects.of(request.brand).select_related("brand", "location", "category", "created_by")
    return get_object_or_404(counts, public_id=public_id)


def rights_of(request: BrandRequest) -> set[Right]:
    held = {Right.WORK: request.can_work, Right.MANAGE: request.can_manage}
    return {Right.VIEW, *(right for right, has in held.items() if has)}


def shows_book(request: BrandRequest, count: StockCount) -> bool:
    return sees_book(count, request.user, rights_of(request))


def reviews(request: BrandRequest, count: StockCount) -> bool:
    return may_review(count, request.user, rights_of(request))


def home_of(request: BrandRequest, count: StockCount) -> HttpResponse:
    return redirect("counting:count", request.brand.slug, count.public_id)


def told(request: BrandRequest, count: StockCount, error: DomainError) -> HttpResponse:
    """Back to the count, with what was refused above it."""
    for message in [problem.message for problem in error.problems] or [error.message]:
        messages.error(request, str(message))
    return home_of(request, count)

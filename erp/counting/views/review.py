"""The review: differences with their value, what must be decided, and the posting."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.core.models import User
from erp.counting.access import require_review
from erp.counting.models import CountLine, StockCount
from erp.counting.review import Figure, Review, review_of
from erp.counting.selectors import shown_variants, swatch_of
from erp.counting.services import (
    carry_lines,
    post_count,
    recount_lines,
    reopen_count,
    start_review,
    zero_uncounted,
)
from erp.counting.views.base import count_of, home_of, reviews, rights_of, shows_book, told
from erp.inventory.forms.sheet import numbers

PER_PAGE = 50
SHOWN_PROBLEMS = 20


@require_POST
@brand_page(Right.WORK)
def start(request: BrandRequest, public_id: Any) -> HttpResponse:
    """Counting ends; pressed again in a review, everything is looked at anew."""
    found = count_of(request, public_id)
    require_review(found, request.user, rights_of(request))
    try:
        start_review(count=found)
    except DomainError as error:
        return told(request, found, error)
    return redirect("counting:review", request.brand.slug, found.public_id)


@require_safe
@brand_page()
def review(request: BrandRequest, public_id: Any) -> HttpResponse:
    found = count_of(request, public_id)
    if found.state != StockCount.State.REVIEWING:
        return home_of(request, found)
    return page(request, found)


def page(request: BrandRequest, count: StockCount, error: DomainError | None = None) -> HttpResponse:
    """The review, with what was refused above it. Of a blind count only who reviews sees its figures."""
    context: dict[str, Any] = {"count": count, "may_review": reviews(request, count)}
    if not shows_book(request, count):
        return render(request, "counting/review_blind.html", context)
    found = review_of(count)
    groups = _groups(found)
    chosen = request.GET.get("show") if request.GET.get("show") in groups else None
    chosen = chosen or ("trouble" if groups["trouble"] else "differing")
    page_obj = Paginator(groups[chosen], PER_PAGE).get_page(request.GET.get("page"))
    problems = error.problems if error else ()
    context |= {
        "totals": found.totals, "sizes": {name: len(rows) for name, rows in groups.items()}, "show": chosen,
        "page_obj": page_obj, "rows": _rows(list(page_obj.object_list)), "error": error,
        "problems": problems[:SHOWN_PROBLEMS], "more_problems": max(0, len(problems) - SHOWN_PROBLEMS),
        "typed": request.POST,
    }  # fmt: skip
    return render(request, "counting/review.html", context, status=error.status if error else 200)


def _groups(found: Review) -> dict[str, list[Figure]]:
    return {
        "trouble": found.troubled(),
        "differing": found.differing(),
        "moved": found.moved(),
        "uncounted": found.uncounted(),
        "all": found.figures,
    }


def _rows(figures: list[Figure]) -> list[dict[str, Any]]:
    variants = shown_variants(figure.variant_id for figure in figures)
    names = dict(CountLine.objects.filter(pk__in=[f.pk for f in figures]).values_list("pk", "counted_by"))
    people = User.objects.in_bulk([pk for pk in names.values() if pk])
    return [
        {
            "figure": figure,
            "variant": variants[figure.variant_id],
            "swatch": swatch_of(variants[figure.variant_id]),
            "who": people.get(names[figure.pk] or 0),
        }
        for figure in figures
    ]


@require_POST
@brand_page(Right.WORK)
def decide(request: BrandRequest, public_id: Any) -> HttpResponse:
    """What the reviewer says about the ticked lines, or about all that nobody counted."""
    found = count_of(request, public_id)
    require_review(found, request.user, rights_of(request))
    lines = numbers(request.POST.getlist("line"))
    try:
        words = _decided(request, found, lines)
    except DomainError as error:
        return told(request, found, error)
    done(request, words)
    return home_of(request, found)


def _decided(request: BrandRequest, count: StockCount, lines: list[int]) -> str:
    what = request.POST.get("what", "")
    if what == "zero":
        n = zero_uncounted(count=count, actor=request.user)
        return ngettext("%(n)s variant is counted as none.", "%(n)s variants are counted as none.", n) % {"n": n}
    if what not in ("carry", "wait", "recount") or not lines:
        raise DomainError("nothing_chosen", _("Tick the lines you mean first."))
    if what == "recount":
        recount_lines(count=count, actor=request.user, lines=lines)
        return ngettext(
            "%(n)s variant is to be counted again.", "%(n)s variants are to be counted again.", len(lines)
        ) % {"n": len(lines)}
    n = carry_lines(count=count, lines=lines, carry=what == "carry")
    if what == "carry":
        words = ngettext("The difference of %(n)s variant stands.", "The differences of %(n)s variants stand.", n)
    else:
        words = ngettext("%(n)s variant waits for a decision.", "%(n)s variants wait for a decision.", n)
    return words % {"n": n}


@require_POST
@brand_page(Right.WORK)
def reopen(request: BrandRequest, public_id: Any) -> HttpResponse:
    found = count_of(request, public_id)
    require_review(found, request.user, rights_of(request))
    try:
        reopen_count(count=found)
    except DomainError as error:
        return told(request, found, error)
    done(request, _("The count is open again."))
    return home_of(request, found)


@require_POST
@brand_page(Right.WORK)
def post(request: BrandRequest, public_id: Any) -> HttpResponse:
    found = count_of(request, public_id)
    require_review(found, request.user, rights_of(request))
    try:
        posted = post_count(
            count=found,
            actor=request.user,
            idempotency_key=f"page-{found.public_id}",
            revision=next(iter(numbers([request.POST.get("revision", "")])), 0),
            carry_all="carry_all" in request.POST,
            leave_uncounted="leave_uncounted" in request.POST,
            note=request.POST.get("note", ""),
        )
    except DomainError as error:
        found.refresh_from_db()
        if found.state != StockCount.State.REVIEWING:
            return told(request, found, error)
        return page(request, found, error)
    if posted.posting:
        done(request, _("The count was posted. The book now says what was counted."))
    else:
        done(request, _("The count was posted. The book agreed with every line."))
    return home_of(request, posted)

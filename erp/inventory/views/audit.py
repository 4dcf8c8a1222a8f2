"""Every brand, read-only: for platform auditors and superusers; to all others these pages do not exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from catalog.audit.filters import ChangeFilter, kinds
from catalog.audit.words import in_words
from catalog.models import Brand, Change
from erp.core.keyset import key_page, keys_of
from erp.core.models import User
from erp.inventory.filters import MovementFilter
from erp.inventory.history import history_row
from erp.inventory.models import LedgerCheck, Location, MovementKind, Posting, StockMovement
from erp.inventory.services.checks import start_check
from erp.inventory.sql.people import people_of
from erp.inventory.verify import Difference

NO_POSTING = UUID(int=0)
CHECKS_SHOWN = 5
DIFFERENCES_SHOWN = 20


class AuditRequest(HttpRequest):
    """A request of someone who may read every brand."""

    user: User


def auditor_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @login_required
    @wraps(view)
    def page(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (request.user.is_auditor or request.user.is_superuser):
            raise Http404
        return view(request, *args, **kwargs)

    return page


@auditor_page
def audit(request: AuditRequest) -> HttpResponse:
    """Movements of every brand, by all that a history is narrowed by; and what the last checks found."""
    movements = StockMovement.objects.visible_to(request.user)
    found = MovementFilter(_searched(request), queryset=movements, request=request)
    page = key_page(found.qs.complete(), **keys_of(request))
    context: dict[str, Any] = {
        "filter": found,
        "rows": [history_row(movement) for movement in page.rows],
        "page": page,
        "searched": any(found.form.cleaned_data.values()),
        "all_brands": Brand.objects.visible_to(request.user),
        "kinds": MovementKind.choices,
    }
    return render(request, "inventory/audit.html", context | _of_brand(found) | _checks(request))


def _of_brand(found: MovementFilter) -> dict[str, Any]:
    """The places and people of the brand that is asked about; those of all brands would be no list to choose from."""
    brand = found.form.cleaned_data.get("brand")
    return {"locations": Location.objects.of(brand), "people": people_of(brand)} if brand else {}


def _searched(request: HttpRequest) -> Any:
    """The address; the number of a posting (#51) stands for its id."""
    data = request.GET.copy()
    if number := re.fullmatch(r"\s*#?([0-9]{1,18})\s*", data.get("posting", "")):
        postings = Posting.objects.visible_to(request.user).filter(pk=int(number[1]))
        data["posting"] = str(postings.values_list("public_id", flat=True).first() or NO_POSTING)
    return data


def _checks(request: HttpRequest) -> dict[str, Any]:
    checks = list(LedgerCheck.objects.select_related("brand", "requested_by").order_by("-pk")[:CHECKS_SHOWN])
    shown = [(check, [str(Difference(**row)) for row in check.differences[:DIFFERENCES_SHOWN]]) for check in checks]
    return {"checks": shown, "is_checking": any(check.finished_at is None for check in checks)}


@auditor_page
def changes(request: AuditRequest) -> HttpResponse:
    """Who changed what in every brand, and what belongs to none, such as people and the vocabulary."""
    seen = Change.objects.visible_to(request.user).select_related("brand")
    found = ChangeFilter(request.GET, queryset=seen, request=request)
    page = key_page(found.qs, **keys_of(request))
    context: dict[str, Any] = {
        "filter": found,
        "rows": in_words(page.rows),
        "page": page,
        "searched": any(found.form.cleaned_data.values()),
        "all_brands": Brand.objects.visible_to(request.user),
        "kinds": kinds(),
    }
    return render(request, "inventory/audit_changes.html", context)


@auditor_page
def checks(request: AuditRequest) -> HttpResponse:
    """The panel of checks, asked for again while one is running."""
    return render(request, "inventory/audit_checks.html", _checks(request))


@auditor_page
@require_POST
def verify(request: AuditRequest) -> HttpResponse:
    """Proves the ledger of one brand or of all; a large one in the background."""
    slug = request.POST.get("brand", "")
    brand = get_object_or_404(Brand.objects.visible_to(request.user), slug=slug) if slug else None
    start_check(brand=brand, requested_by=request.user)
    return redirect("inventory:audit")

"""Proving the ledger, and keeping what each proof found."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from catalog.models import Brand
from erp.core.models import User
from erp.inventory.models import LedgerCheck, StockMovement
from erp.inventory.verify import verify_ledger

# So many movements are read in well under a second; more is work for the background.
AT_ONCE = 20_000
KEPT_DIFFERENCES = 1_000


def start_check(*, brand: Brand | None = None, requested_by: User | None = None) -> LedgerCheck:
    """Checks a small ledger at once and leaves a large one to the worker; `finished_at` tells which it was."""
    check = LedgerCheck.objects.create(brand=brand, requested_by=requested_by)
    if _is_small(brand):
        return run_check(check_id=check.pk)
    transaction.on_commit(lambda: async_task("erp.inventory.tasks.run_check", check.pk))
    return check


def run_check(*, check_id: int) -> LedgerCheck:
    """Verifies what the check asks for and writes the result. Safe to run twice."""
    check = LedgerCheck.objects.select_related("brand").get(pk=check_id)
    if check.finished_at is None:
        check.differences = [asdict(difference) for difference in verify_ledger(check.brand)[:KEPT_DIFFERENCES]]
        check.finished_at = timezone.now()
        check.save(update_fields=["differences", "finished_at"])
    return check


def _is_small(brand: Brand | None) -> bool:
    movements = StockMovement.objects.of(brand) if brand else StockMovement.objects.all()
    return movements.order_by()[: AT_ONCE + 1].count() <= AT_ONCE

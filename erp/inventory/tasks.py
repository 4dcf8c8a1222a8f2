"""What the worker does for the ledger."""

from __future__ import annotations

from structlog import get_logger

from catalog.models import Brand
from erp.core.jobs import every, nightly
from erp.inventory.models import LedgerCheck
from erp.inventory.services import checks, release_expired
from erp.inventory.services.seals import seal_days

log = get_logger(__name__)


class LedgerDisagrees(Exception):
    """Marks the job as failed, so that the admin shows it."""


def run_check(check_id: int) -> None:
    """A check of the ledger that a person asked for."""
    checks.run_check(check_id=check_id)


@nightly("Verify the ledger", hour=5)
def verify_every_brand() -> str:
    """Keeps the result, names each difference in the log, and fails when there is one."""
    check = checks.run_check(check_id=LedgerCheck.objects.create().pk)
    for difference in check.differences:
        log.error("ledger_difference", **difference)
    if check.differences:
        raise LedgerDisagrees(f"{len(check.differences)} differences: see check {check.pk} of the ledger.")
    return "clean"


@every("Release expired reservations", minutes=1)
def release_expired_reservations() -> int:
    """Stock whose holder's time is over is available again."""
    return release_expired()


@nightly("Seal the days of the ledger", hour=8)
def seal_ledger() -> int:
    """After most days ended (they do at 6 unless a brand says otherwise); what ends later is sealed the night after."""
    return sum(len(seal_days(brand=brand)) for brand in Brand.objects.order_by("pk"))

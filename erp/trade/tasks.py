"""What the worker does for trade."""

from __future__ import annotations

from dataclasses import asdict

from structlog import get_logger

from erp.core.jobs import every, nightly
from erp.trade.services.orders import expire_orders
from erp.trade.verify import verify_accounts

log = get_logger(__name__)


class AccountsDisagree(Exception):
    """Marks the job as failed, so that the admin shows it."""


@every("Release holds that were not paid in time", minutes=1)
def release_unpaid() -> int:
    """Gives up orders whose time is over, and answers how many."""
    return expire_orders()


@nightly("Verify the accounts", hour=5)
def verify_every_account() -> str:
    """Names each difference in the log, and fails when there is one."""
    differences = verify_accounts()
    for difference in differences:
        log.error("account_difference", **asdict(difference))
    if differences:
        raise AccountsDisagree(f"{len(differences)} differences: run `manage.py verify_accounts`.")
    return "clean"

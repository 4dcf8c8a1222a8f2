"""What the worker does for trade."""

from __future__ import annotations

from erp.core.jobs import every
from erp.trade.services.orders import expire_orders


@every("Release holds that were not paid in time", minutes=1)
def release_unpaid() -> int:
    """Gives up orders whose time is over, and answers how many."""
    return expire_orders()

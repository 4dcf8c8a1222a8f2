"""What the worker does for the reports."""

from __future__ import annotations

from structlog import get_logger

from catalog.models import Brand
from erp.core.jobs import nightly
from erp.reports import services
from erp.reports.verify import verify_rollups

log = get_logger(__name__)


class ReportsDisagree(Exception):
    """Marks the job as failed, so that the admin shows it."""


def roll_up(brand_id: int) -> None:
    """Asked for by a report that found many movements not summed up yet."""
    services.roll_up(brand=Brand.objects.get(pk=brand_id))


@nightly("Sum up the day for the reports", hour=4)
def roll_up_every_brand() -> str:
    """Sums up every brand, and fails where the sums are not those of the movements."""
    for brand in Brand.objects.order_by("pk"):
        services.roll_up(brand=brand)
    differences = verify_rollups()
    for difference in differences:
        log.error("rollup_difference", difference=str(difference))
    if differences:
        raise ReportsDisagree(f"{len(differences)} differences: manage.py verify_rollups names them.")
    return "clean"

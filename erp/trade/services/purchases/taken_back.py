"""A delivery whose posting was taken back, wherever that was asked for: its order follows in the same transaction, so
that what is not in the house is not counted as received."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from erp.inventory.models import Posting
from erp.inventory.signals import reversed_by, reversing
from erp.trade.models import Delivery, PurchaseLine
from erp.trade.services.purchases.locked import follow_lines, lock_purchase


@receiver(reversing)
def lock_purchase_of(sender: Any, *, posting: Posting, **kwargs: Any) -> None:
    delivery = _delivery_of(posting)
    if delivery is not None:
        lock_purchase(delivery.order)


@receiver(reversed_by)
def follow(sender: Any, *, posting: Posting, reversal: Posting, **kwargs: Any) -> None:
    """Counts what went back off the lines; the order is open again for it, unless it was closed."""
    delivery = _delivery_of(posting)
    if delivery is None:
        return
    order = lock_purchase(delivery.order)
    lines = {line.variant_id: line for line in order.lines.all()}
    for variant, quantity in reversal.movements.values_list("variant", "quantity"):
        lines[variant].received -= quantity
    PurchaseLine.objects.bulk_update(lines.values(), ["received"], batch_size=500)
    if not posting.movements.filter(reversed_by=None).exists():
        delivery.reversal = reversal
        delivery.save(update_fields=["reversal", "updated_at"])
    follow_lines(order, lines.values())


def _delivery_of(posting: Posting) -> Delivery | None:
    return Delivery.objects.filter(posting=posting).select_related("order").first()

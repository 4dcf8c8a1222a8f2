"""What was ordered from suppliers, and what of it came."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.brand import Currency
from erp.inventory.models import Location, Posting
from erp.trade.models.base import Paper, number_per_brand, variant_key
from erp.trade.models.partners import Partner


class PurchaseOrder(Paper):
    """An order to a supplier. Each delivery receives a part; `closed` says that nothing more is expected."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ORDERED = "ordered", pgettext_lazy("purchase order", "Ordered")
        PARTIAL = "partial", _("Partly received")
        RECEIVED = "received", pgettext_lazy("purchase order", "Received")
        CLOSED = "closed", _("Closed short")
        CANCELLED = "cancelled", _("Cancelled")

    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="purchases", verbose_name=_("supplier"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("deliver to"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.KRW)
    # How much of the brand's own currency one unit of the order's is worth: costs are kept in the brand's.
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=14, decimal_places=6, default=1)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    ordered_at = models.DateTimeField(_("ordered"), null=True, blank=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)

    # Set on the answer to an idempotency key that was used before: nothing new was written.
    replayed = False

    class Meta(Paper.Meta):
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        constraints = [
            number_per_brand("purchase"),
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_purchase_key_per_brand"),
            models.CheckConstraint(condition=Q(exchange_rate__gt=0), name="exchange_rate_positive"),
        ]
        indexes = [models.Index(fields=["brand", "state", "-id"], name="purchase_state")]


class PurchaseLine(models.Model):
    order = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="lines", verbose_name=_("purchase order"))
    variant = variant_key("purchase_lines")
    quantity = models.PositiveIntegerField(_("ordered"))
    received = models.PositiveIntegerField(_("received"), default=0)  # more than ordered: over-delivery
    unit_cost = models.DecimalField(_("unit cost"), max_digits=14, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("line of a purchase order")
        verbose_name_plural = _("lines of purchase orders")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "variant"], name="unique_variant_per_purchase"),
            models.CheckConstraint(
                condition=Q(unit_cost__isnull=True) | Q(unit_cost__gte=0), name="unit_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.received}/{self.quantity}"

    @property
    def to_come(self) -> int:
        return max(self.quantity - self.received, 0)

    @property
    def difference(self) -> int:
        """Below zero while something is missing, above where more came than was ordered."""
        return self.received - self.quantity


class Delivery(Paper):
    """What came at one time against an order: one posting of the ledger. A reversed posting takes it back.

    `reversal` is the posting that took the last of it back; a part of it may have been taken back before.
    """

    order = models.ForeignKey(
        PurchaseOrder, models.PROTECT, related_name="deliveries", verbose_name=_("purchase order")
    )
    posting = models.OneToOneField(Posting, models.PROTECT, related_name="delivery", verbose_name=_("posting"))
    reversal = models.OneToOneField(
        Posting, models.PROTECT, related_name="reversed_delivery", verbose_name=_("reversed by"), null=True, blank=True
    )
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)

    # Set on the answer to an idempotency key that was used before: nothing new was written.
    replayed = False

    class Meta(Paper.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            number_per_brand("delivery"),
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_delivery_key_per_brand"),
        ]


class DeliveryLine(models.Model):
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="lines", verbose_name=_("delivery"))
    line = models.ForeignKey(PurchaseLine, models.PROTECT, related_name="deliveries", verbose_name=_("line"))
    quantity = models.PositiveIntegerField(_("received"))
    unit_cost = models.DecimalField(_("unit cost"), max_digits=14, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("line of a delivery")
        verbose_name_plural = _("lines of deliveries")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity}"

"""What was done to an order, step by step, and what left with each shipment of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.querysets import BrandScopedQuerySet
from erp.inventory.models import Posting, StockMovement
from erp.trade.couriers import courier_name
from erp.trade.models.orders import Order, OrderLine
from erp.trade.models.slips import Slip


class ThroughOrderQuerySet(BrandScopedQuerySet):
    brand_path = "order__brand"


class Shipment(models.Model):
    """What left at one time: one posting of the ledger, and for a buyer one slip. A shipment without a posting billed
    what is owed and sent nothing. `reversal` took all or the last part of it back."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments", verbose_name=_("order"))
    posting = models.OneToOneField(
        Posting, models.PROTECT, related_name="shipment", verbose_name=_("posting"), null=True, blank=True
    )
    slip = models.OneToOneField(
        Slip, models.PROTECT, related_name="shipment", verbose_name=_("slip"), null=True, blank=True
    )
    reversal = models.ForeignKey(
        Posting, models.PROTECT, related_name="+", verbose_name=_("reversed by"), null=True, blank=True
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    courier = models.CharField(_("courier"), max_length=20, blank=True)  # a code of `couriers`
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)

    # Set on the answer to a key that was used before: nothing new was written.
    replayed = False

    objects = ThroughOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.order} #{self.pk}"

    @property
    def courier_name(self) -> str:
        return courier_name(self.courier)


class ShipmentLine(models.Model):
    """One movement of a shipment. `delivered` of its pieces had been billed before, as owed goods."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines", verbose_name=_("shipment"))
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="shipped_lines", verbose_name=_("line"))
    movement = models.OneToOneField(
        StockMovement, models.PROTECT, related_name="shipment_line", verbose_name=_("movement")
    )
    quantity = models.PositiveIntegerField(_("pieces"))
    delivered = models.PositiveIntegerField(_("of which owed before"), default=0)

    class Meta:
        verbose_name = _("line of a shipment")
        verbose_name_plural = _("lines of shipments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(delivered__lte=F("quantity")), name="delivered_within_shipped")
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity}"


class OrderEvent(models.Model):
    """One step of an order. A step that moves something carries the key it was asked with, and is taken once."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Placed")
        ADDED = "added", _("Ordered on top")
        RESERVED = "reserved", _("Reserved")
        PICKED = "picked", _("Picked")
        SHIPPED = "shipped", _("Shipped")
        BILLED = "billed", _("Billed as owed")
        CANCELLED = "cancelled", _("Cancelled")
        CONFIRMED = "confirmed", _("Paid")
        EXPIRED = "expired", _("Not paid in time")
        TAKEN_BACK = "taken_back", _("Taken back")

    order = models.ForeignKey(Order, models.CASCADE, related_name="events", verbose_name=_("order"))
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    pieces = models.PositiveIntegerField(_("pieces"), default=0)
    note = models.CharField(_("note"), max_length=200, blank=True)
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, related_name="events", verbose_name=_("shipment"), null=True, blank=True
    )
    # The system itself, where nobody is named.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), null=True, blank=True
    )
    idempotency_key = models.CharField(max_length=80, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = ThroughOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of an order")
        verbose_name_plural = _("steps of orders")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="unique_event_key_per_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.get_kind_display()}"

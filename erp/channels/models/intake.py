"""Orders of marketplaces on their way in: nothing of them is dropped, what nobody knows waits to be matched."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from catalog.querysets import BrandScopedQuerySet
from erp.channels.models.channels import Channel
from erp.core.models import Timestamped
from erp.trade.models import Order


class ChannelScopedQuerySet(BrandScopedQuerySet):
    brand_path = "channel__brand"


class ChannelOrder(Timestamped):
    """An order as its marketplace tells it, by its number there. Our order is made once all its goods are known."""

    class State(models.TextChoices):
        UNKNOWN = "unknown", _("Goods to be matched")
        SHORT = "short", _("Not in stock")
        TAKEN = "taken", _("Taken in")
        SHIPPED = "shipped", _("Shipped")
        CANCELLED = "cancelled", _("Cancelled")
        GONE = "gone", _("Sent before")  # as its marketplace said when it told the order first: nothing is held for it
        CONFLICT = "conflict", _("Told differently")
        PROBLEM = "problem", _("To be looked at")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="orders", verbose_name=_("channel"), db_index=False
    )
    number = models.CharField(_("order number there"), max_length=80)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.UNKNOWN)
    order = models.OneToOneField(
        Order, models.PROTECT, related_name="channel_order", verbose_name=_("order"), null=True, blank=True
    )
    placed_at = models.DateTimeField(_("placed"), null=True, blank=True)
    customer_name = models.CharField(_("customer"), max_length=120, blank=True)
    is_paid = models.BooleanField(_("paid"), default=True)
    currency = models.CharField(_("currency"), max_length=8, blank=True)  # as told; blank: the channel's
    # How often its goods were taken over anew: each time our order is another one.
    revision = models.PositiveSmallIntegerField(_("times taken over anew"), default=0)
    fingerprint = models.CharField(max_length=64, editable=False)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    # What came after and says otherwise: kept to be looked at, never applied by itself.
    contradiction = models.JSONField(_("told differently"), default=dict, blank=True)

    objects = ChannelScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order of a channel")
        verbose_name_plural = _("orders of channels")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["channel", "number"], name="one_order_per_channel_and_number")]
        indexes = [
            models.Index(fields=["channel", "state", "-id"], name="channel_order_state"),
            models.Index(fields=["updated_at", "id"], name="channel_order_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.number}"


class ChannelOrderLine(models.Model):
    """A line as the marketplace wrote it; `variant` is blank until somebody says which one it is."""

    order = models.ForeignKey(
        ChannelOrder, models.CASCADE, related_name="lines", verbose_name=_("order"), db_index=False
    )
    number = models.PositiveSmallIntegerField(_("line"))
    line_number = models.CharField(_("line there"), max_length=80, blank=True)
    sku = models.CharField(_("SKU there"), max_length=120, blank=True)
    # What it is matched by: the SKU, or what the marketplace calls goods that have none there.
    known_as = models.CharField(_("known as"), max_length=120, editable=False)
    title = models.CharField(_("goods there"), max_length=300, blank=True)
    options = models.CharField(_("options there"), max_length=200, blank=True)
    quantity = models.PositiveIntegerField(_("pieces"))
    unit_price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=2)
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="+", verbose_name=_("variant"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("line of a channel's order")
        verbose_name_plural = _("lines of channels' orders")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="one_line_per_channel_order_and_number"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="channel_line_positive"),
        ]
        indexes = [models.Index(fields=["known_as"], name="channel_line_unknown", condition=Q(variant__isnull=True))]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.sku or self.title}"


class SkuMatch(Timestamped):
    """What a marketplace calls a variant, as `ChannelOrderLine.known_as`: said once, known from then on."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="skus", verbose_name=_("channel"), db_index=False)
    sku = models.CharField(_("SKU there"), max_length=120)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", verbose_name=_("variant"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("matched by")
    )

    objects = ChannelScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("matched SKU")
        verbose_name_plural = _("matched SKUs")
        constraints = [models.UniqueConstraint(fields=["channel", "sku"], name="one_match_per_channel_and_sku")]

    def __str__(self) -> str:
        return f"{self.sku} → {self.variant}"

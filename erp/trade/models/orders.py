"""What buyers and channels ordered."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.brand import Currency
from catalog.querysets import BrandScopedQuerySet
from erp.inventory.models import Location
from erp.trade.models.base import Paper, money_field, number_per_brand, variant_key
from erp.trade.models.packs import Pack
from erp.trade.models.partners import DeliverTo, Partner


class Channel(models.TextChoices):
    """Where an order came from."""

    WHOLESALE = "wholesale", _("Wholesale")
    RETAIL = "retail", _("Retail")
    ONLINE = "online", _("Online")


class Order(Paper):
    """An order of a buyer, of a customer in the shop, or of a marketplace.

    It is open while any of its lines is: pieces that are neither shipped nor cancelled. Those in stock are held for it
    by reservations of the ledger, whose `reference` is the order's number.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")  # typed in, holds nothing yet
        OPEN = "open", _("Open")  # placed; what is in stock is reserved
        PICKED = "picked", _("Picked")  # taken off the shelf, ready to go
        SHIPPED = "shipped", _("Shipped")  # nothing is open any more
        CANCELLED = "cancelled", _("Cancelled")

    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.WHOLESALE)
    # The name of the shop or marketplace the order came from, and its number there: the same one is one order.
    channel_name = models.CharField(_("marketplace"), max_length=40, blank=True)
    channel_number = models.CharField(_("order number there"), max_length=80, blank=True)
    buyer = models.ForeignKey(
        Partner, models.PROTECT, related_name="orders", verbose_name=_("buyer"), null=True, blank=True
    )
    deliver_to = models.ForeignKey(
        DeliverTo, models.PROTECT, related_name="+", verbose_name=_("deliver to"), null=True, blank=True
    )
    customer_name = models.CharField(_("customer"), max_length=120, blank=True)  # of an order without a buyer
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("ship from"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.KRW)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    placed_at = models.DateTimeField(_("placed"), null=True, blank=True)
    expires_at = models.DateTimeField(_("held until"), null=True, blank=True)  # unpaid holds are released then
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)

    # Set on the answer to an order that was sent before: nothing new was written.
    replayed = False

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.OPEN, self.State.PICKED)

    @property
    def takes_more(self) -> bool:
        """Whether goods can be added: what a marketplace numbered is changed there."""
        return self.is_open and not self.channel_number

    class Meta(Paper.Meta):
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            number_per_brand("order"),
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_order_key_per_brand"),
            models.UniqueConstraint(
                fields=["brand", "channel_name", "channel_number"],
                condition=~Q(channel_number=""),
                name="unique_channel_number_per_brand",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "state", "-id"], name="order_state"),
            models.Index(fields=["brand", "updated_at", "id"], name="order_brand_updated"),
            models.Index(fields=["buyer", "-id"], name="order_buyer"),
            models.Index(fields=["expires_at"], name="order_expiry", condition=Q(expires_at__isnull=False)),
        ]


class OrderLineQuerySet(BrandScopedQuerySet):
    brand_path = "order__brand"


class OrderLine(models.Model):
    """One variant of an order: quantity = shipped + cancelled + open, and open = reserved + waiting.

    `picked` pieces of the reserved ones are off the shelf. `billed` pieces are on a slip; billed but not shipped, they
    are owed goods (미송). `returned` came back of `shipped`.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    variant = variant_key("order_lines")
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="+", verbose_name=_("pack"), null=True, blank=True)
    quantity = models.PositiveIntegerField(_("ordered"))
    unit_price = money_field(_("unit price"))
    reserved = models.PositiveIntegerField(_("reserved"), default=0)
    picked = models.PositiveIntegerField(_("picked"), default=0)
    shipped = models.PositiveIntegerField(_("shipped"), default=0)
    cancelled = models.PositiveIntegerField(_("cancelled"), default=0)
    billed = models.PositiveIntegerField(_("billed"), default=0)
    returned = models.PositiveIntegerField(_("returned"), default=0)
    owed_since = models.DateTimeField(_("owed since"), null=True, blank=True)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of an order")
        verbose_name_plural = _("lines of orders")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "variant"], condition=Q(pack=None), name="unique_variant_per_order"
            ),
            models.UniqueConstraint(fields=["order", "pack", "variant"], name="unique_pack_variant_per_order"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("shipped") + F("cancelled") + F("reserved")), name="order_line_adds_up"
            ),
            models.CheckConstraint(condition=Q(picked__lte=F("reserved")), name="picked_within_reserved"),
            models.CheckConstraint(condition=Q(returned__lte=F("shipped")), name="returned_within_shipped"),
            models.CheckConstraint(condition=Q(billed__lte=F("quantity")), name="billed_within_quantity"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="order_price_not_negative"),
        ]
        indexes = [
            models.Index(
                fields=["variant", "owed_since"], name="order_line_owed", condition=Q(owed_since__isnull=False)
            ),
            # Whoever waits for goods that arrive.
            models.Index(
                fields=["variant", "order"],
                name="order_line_waiting",
                condition=Q(quantity__gt=F("shipped") + F("cancelled") + F("reserved")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.shipped}/{self.quantity}"

    @property
    def open(self) -> int:
        return self.quantity - self.shipped - self.cancelled

    @property
    def waiting(self) -> int:
        """Open pieces that nothing is held for."""
        return self.open - self.reserved

    @property
    def owed(self) -> int:
        """Billed pieces that have not gone out yet (미송)."""
        return max(self.billed - self.shipped, 0)

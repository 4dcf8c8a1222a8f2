"""What came back, and what went out for it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from catalog.models.brand import Currency
from catalog.querysets import BrandScopedQuerySet
from erp.inventory.models import Location, Posting
from erp.trade.models.accounts import AccountEntry
from erp.trade.models.base import Paper, money_field, number_per_brand, variant_key
from erp.trade.models.orders import Order, OrderLine
from erp.trade.models.partners import Partner
from erp.trade.models.slips import Slip


class ReturnQuerySet(BrandScopedQuerySet):
    def search(self, text: str) -> Self:
        """By the number of the return or of its order, whole or in part, or a part of the buyer's name."""
        return self.filter(
            Q(number__icontains=text) | Q(order__number__icontains=text) | Q(buyer__name__icontains=text)
        )

    def with_pieces(self) -> Self:
        """Annotates `came` and `went`, the pieces that came back and those that were sent."""
        sent = Q(lines__kind="sent")
        return self.annotate(
            came=Coalesce(Sum("lines__quantity", filter=~sent), 0),
            went=Coalesce(Sum("lines__quantity", filter=sent), 0),
        )


class ReturnNote(Paper):
    """Goods of a customer that came back, against an order or free; an exchange also sends goods out.

    `posting` brings the goods in and `sent` takes those of an exchange out; its slip (a credit note) carries the money
    to the buyer's account. All happen with it, or nothing does, and all are taken back together, once.
    """

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="returns", verbose_name=_("order"), null=True, blank=True
    )
    buyer = models.ForeignKey(
        Partner, models.PROTECT, related_name="returns", verbose_name=_("buyer"), null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.KRW)
    posting = models.OneToOneField(Posting, models.PROTECT, related_name="return_note", verbose_name=_("posting"))
    sent = models.OneToOneField(
        Posting,
        models.PROTECT,
        related_name="exchange_note",
        verbose_name=_("posting of what was sent"),
        null=True,
        blank=True,
    )
    slip = models.OneToOneField(
        Slip, models.PROTECT, related_name="return_note", verbose_name=_("credit note"), null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    total = money_field(
        _("total"), default=0
    )  # of what was sent less what came back: below zero, the customer has credit
    paid = money_field(_("paid"), default=0)  # by the customer; below zero, money was paid back
    method = models.CharField(_("paid by"), max_length=10, choices=AccountEntry.Method, blank=True)
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("taken back by"),
        null=True,
        blank=True,
    )

    replayed = False  # set on the answer to an idempotency key that was used before

    objects = ReturnQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Paper.Meta):
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = [
            number_per_brand("return"),
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_return_key_per_brand"),
        ]
        indexes = [models.Index(fields=["brand", "-id"], name="return_brand")]


class ReturnLine(models.Model):
    class Kind(models.TextChoices):
        SELLABLE = "sellable", _("Can be sold again")
        DEFECTIVE = "defective", _("Defective")
        SENT = "sent", _("Sent in exchange")

    note = models.ForeignKey(ReturnNote, models.CASCADE, related_name="lines", verbose_name=_("return"))
    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="returns", verbose_name=_("line of the order"), null=True, blank=True
    )
    variant = variant_key("return_lines")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SELLABLE)
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("place"))
    quantity = models.PositiveIntegerField(_("pieces"))
    unit_price = money_field(_("unit price"))

    class Meta:
        verbose_name = _("line of a return")
        verbose_name_plural = _("lines of returns")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="return_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.quantity}"

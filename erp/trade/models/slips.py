"""The wholesale slip (장끼): what a buyer got, what is owed on either side, and the money. Never changed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Round
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.models.brand import Currency
from catalog.querysets import BrandScopedQuerySet
from erp.inventory.models import Posting
from erp.trade.models.accounts import AccountEntry
from erp.trade.models.base import money_field, variant_key
from erp.trade.models.orders import Order, OrderLine
from erp.trade.models.partners import DeliverTo, Partner


class Slip(models.Model):
    """Numbered without gaps per brand and business day. new_balance = earlier_balance + total - paid.

    What was printed stays true: names are copied, and the database refuses UPDATE and DELETE. A slip that should not
    have been written gets one against it (`reverses`), which carries every line and amount the other way.
    """

    class Kind(models.TextChoices):
        SALE = "sale", _("Slip")
        CREDIT = "credit", _("Credit note")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", verbose_name=_("brand"), db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.SALE)
    day = models.DateField(_("day"))  # business day
    number = models.PositiveIntegerField(_("number"))
    buyer = models.ForeignKey(Partner, models.PROTECT, related_name="slips", verbose_name=_("buyer"))
    deliver_to = models.ForeignKey(
        DeliverTo, models.PROTECT, related_name="+", verbose_name=_("deliver to"), null=True, blank=True
    )
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="slips", verbose_name=_("order"), null=True, blank=True
    )
    posting = models.ForeignKey(
        Posting, models.PROTECT, related_name="slips", verbose_name=_("posting"), null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.KRW)
    brand_name = models.CharField(_("brand name"), max_length=120)
    buyer_name = models.CharField(_("name of the buyer"), max_length=120)
    shop_name = models.CharField(_("name of the shop"), max_length=120, blank=True)  # that it is delivered to
    actor_name = models.CharField(_("name of the person"), max_length=160)
    total = money_field(_("total"))  # below zero on a credit note
    earlier_balance = money_field(_("earlier balance"))
    paid = money_field(_("paid"), default=0)  # below zero where money was paid back
    method = models.CharField(_("paid by"), max_length=10, choices=AccountEntry.Method, blank=True)
    new_balance = money_field(_("new balance"))
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", verbose_name=_("takes back"), null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    # Set on the answer to an idempotency key that was used before: nothing new was written.
    replayed = False

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("slip")
        verbose_name_plural = _("slips")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "day", "number"], name="unique_slip_number_per_day"),
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_slip_key_per_brand"),
            # Rounded to what the columns keep: SQLite adds in binary fractions.
            models.CheckConstraint(
                condition=models.Q(
                    new_balance=Round(models.F("earlier_balance") + models.F("total") - models.F("paid"), 2)
                ),
                name="slip_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "-id"], name="slip_brand"),
            models.Index(fields=["buyer", "-id"], name="slip_buyer"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y%m%d}-{self.number:03}"


class SlipLine(models.Model):
    """What one line says, in the words of that day. Names and prices are copied: what was printed stays true.

    `delivered` pieces of earlier debt come without money; `owed` pieces are billed now and come later.
    """

    class Kind(models.TextChoices):
        SOLD = "sold", _("Sold")
        OWED = "owed", _("Owed")
        DELIVERED = "delivered", _("Delivered of what was owed")
        RETURNED = "returned", _("Returned")

    slip = models.ForeignKey(Slip, models.PROTECT, related_name="lines", verbose_name=_("slip"))
    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="slip_lines", verbose_name=_("line"), null=True, blank=True
    )
    variant = variant_key()
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SOLD)
    name = models.CharField(_("name"), max_length=200)
    colour = models.CharField(_("colour"), max_length=120)
    size = models.CharField(_("size"), max_length=20)
    pack = models.CharField(_("pack"), max_length=80, blank=True)
    quantity = models.PositiveIntegerField(_("pieces"))
    unit_price = money_field(_("unit price"))
    amount = money_field(_("amount"))

    class Meta:
        verbose_name = _("line of a slip")
        verbose_name_plural = _("lines of slips")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.quantity}"

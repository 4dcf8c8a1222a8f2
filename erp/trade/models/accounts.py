"""What a partner owes: a running account, append-only like the ledger of the stock."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.querysets import BrandScopedQuerySet
from erp.trade.models.base import money_field
from erp.trade.models.partners import Partner


class Account(models.Model):
    """The balance of one partner: above zero they owe us, below zero they have credit.

    Written only with an entry, under this row's lock.
    """

    partner = models.OneToOneField(Partner, models.PROTECT, related_name="account", verbose_name=_("partner"))
    balance = money_field(_("balance"), default=0)

    def __str__(self) -> str:
        return f"{self.partner_id}: {self.balance}"


class AccountEntry(models.Model):
    """One change of an account. The database refuses UPDATE and DELETE; a mistake gets an entry against it."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening balance")
        SALE = "sale", _("Sale")
        PAYMENT = "payment", _("Payment")
        CREDIT = "credit", _("Credit note")
        CORRECTION = "correction", _("Correction")

    class Method(models.TextChoices):
        CASH = "cash", _("Cash")
        TRANSFER = "transfer", _("Bank transfer")
        CARD = "card", _("Card")
        OTHER = "other", _("Other")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", verbose_name=_("brand"), db_index=False)
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="entries", verbose_name=_("partner"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    method = models.CharField(_("paid by"), max_length=10, choices=Method, blank=True)
    amount = money_field(_("amount"))  # what the partner owes more by it; a payment is below zero
    balance_after = money_field(_("balance after"))
    slip = models.ForeignKey(
        "trade.Slip", models.PROTECT, related_name="entries", verbose_name=_("slip"), null=True, blank=True
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", verbose_name=_("corrects"), null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    occurred_on = models.DateField(_("day"))  # business day
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    # Set on the answer to an idempotency key that was used before: nothing new was written.
    replayed = False

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("account entry")
        verbose_name_plural = _("account entries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_account_key_per_brand"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="account_entry_not_zero"),
        ]
        indexes = [models.Index(fields=["partner", "-id"], name="account_entry_partner")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"

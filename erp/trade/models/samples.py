"""Pieces that are lent and are to come back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.days import business_day
from erp.inventory.models import Location, Posting
from erp.trade.models.base import Paper, number_per_brand, variant_key
from erp.trade.models.partners import Partner
from erp.trade.models.slips import Slip


class Loan(Paper):
    """Samples lent for a shoot or a showing, to come back by a day. Open while any piece is out."""

    borrower = models.ForeignKey(Partner, models.PROTECT, related_name="loans", verbose_name=_("borrower"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("lent from"))
    due_on = models.DateField(_("due back on"))
    posting = models.OneToOneField(Posting, models.PROTECT, related_name="loan", verbose_name=_("posting"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)

    replayed = False  # set on the answer to an idempotency key that was used before

    class Meta(Paper.Meta):
        verbose_name = _("sample loan")
        verbose_name_plural = _("sample loans")
        constraints = [
            number_per_brand("loan"),
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_loan_key_per_brand"),
        ]
        indexes = [models.Index(fields=["brand", "due_on"], name="loan_due", condition=Q(closed_at__isnull=True))]

    @property
    def days_late(self) -> int:
        """Business days past the due one; 0 while it is not late, or nothing is out any more."""
        return 0 if self.closed_at else max((business_day(self.brand) - self.due_on).days, 0)


class LoanLine(models.Model):
    """quantity = out + returned + kept; what was kept was sold to the borrower, lost or written off."""

    loan = models.ForeignKey(Loan, models.CASCADE, related_name="lines", verbose_name=_("sample loan"))
    variant = variant_key("loan_lines")
    quantity = models.PositiveIntegerField(_("lent"))
    returned = models.PositiveIntegerField(_("returned"), default=0)
    kept = models.PositiveIntegerField(_("not coming back"), default=0)

    class Meta:
        verbose_name = _("line of a loan")
        verbose_name_plural = _("lines of loans")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "variant"], name="unique_variant_per_loan"),
            models.CheckConstraint(condition=Q(quantity__gte=F("returned") + F("kept")), name="loan_line_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.out} out"

    @property
    def out(self) -> int:
        return self.quantity - self.returned - self.kept


class LoanEvent(models.Model):
    """What became of lent pieces: came back, sold to the borrower, or lost. The lines are those of its posting."""

    class Kind(models.TextChoices):
        RETURNED = "returned", pgettext_lazy("samples", "Came back")
        SOLD = "sold", _("Sold to the borrower")
        LOST = "lost", _("Lost")

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="events", verbose_name=_("sample loan"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    posting = models.OneToOneField(Posting, models.PROTECT, related_name="loan_event", verbose_name=_("posting"))
    slip = models.OneToOneField(
        Slip, models.PROTECT, related_name="loan_event", verbose_name=_("slip"), null=True, blank=True
    )
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    replayed = False  # set on the answer to an idempotency key that was used before

    class Meta:
        verbose_name = _("event of a loan")
        verbose_name_plural = _("events of loans")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "idempotency_key"], name="unique_event_key_per_loan"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id}: {self.get_kind_display()}"

"""What a partner sold of the goods that lie with them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.inventory.models import Posting
from erp.trade.models.base import Paper, number_per_brand
from erp.trade.models.partners import Partner
from erp.trade.models.slips import Slip


class ConsignmentSale(Paper):
    """A report of the partner: its posting takes the goods from their place, its slip bills them at the agreed prices.

    Both happen with it, or nothing does, and both are taken back together, once.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="consignment_sales", verbose_name=_("partner"))
    posting = models.OneToOneField(Posting, models.PROTECT, related_name="consignment_sale", verbose_name=_("posting"))
    slip = models.OneToOneField(Slip, models.PROTECT, related_name="consignment_sale", verbose_name=_("slip"))
    idempotency_key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    replayed = False  # set on the answer to an idempotency key that was used before

    class Meta(Paper.Meta):
        verbose_name = _("sold on consignment")
        verbose_name_plural = _("sold on consignment")
        constraints = [
            number_per_brand("consignment_sale"),
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_consignment_key_per_brand"),
        ]
        indexes = [models.Index(fields=["partner", "-id"], name="consignment_sale_partner")]

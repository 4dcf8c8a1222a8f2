"""Batches of orders that a client sent, by the key they were sent with: sent again they are known."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.channels.models.channels import Channel
from erp.channels.models.intake import ChannelScopedQuerySet
from erp.core.models import Timestamped


class OrderBatch(Timestamped):
    """What became of its orders is asked of the orders themselves: each is known by its number."""

    replayed = False

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="batches", verbose_name=_("channel"), db_index=False
    )  # the constraint begins with it
    idempotency_key = models.CharField(_("key"), max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by")
    )
    orders_count = models.PositiveIntegerField(_("orders"))

    objects = ChannelScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of orders")
        verbose_name_plural = _("batches of orders")
        constraints = [
            models.UniqueConstraint(fields=["channel", "idempotency_key"], name="one_batch_per_channel_and_key")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.idempotency_key}"

"""Shipments whose tracking numbers a live marketplace is told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.channels.models.channels import Channel
from erp.channels.models.live import OfChannelQuerySet
from erp.core.models import Timestamped
from erp.trade.models import Shipment


class Fulfilment(Timestamped):
    """A shipment on its way to be told. `courier` and `tracking_number` are what the marketplace has; blank: nothing.

    While it waits, nobody takes it up before `not_before`: a worker that is at it, or a pause after a failure.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")

    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="fulfilments", verbose_name=_("channel"), db_index=False
    )  # the index begins with it
    shipment = models.OneToOneField(Shipment, models.CASCADE, related_name="fulfilment", verbose_name=_("shipment"))
    courier = models.CharField(_("courier"), max_length=20, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    # What the marketplace calls it: more than one where its goods lie in several of its places.
    external_ids = models.JSONField(_("ids there"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    failures = models.PositiveSmallIntegerField(_("attempts in vain"), default=0)
    not_before = models.DateTimeField(_("goes on at"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    objects = OfChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("parcel told over the wire")
        verbose_name_plural = _("parcels told over the wire")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["channel", "-id"], name="fulfilment_channel"),
            models.Index(fields=["not_before"], name="fulfilment_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.shipment}"

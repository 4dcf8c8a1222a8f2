"""Channels that are spoken to directly: where they are, what is being sent to them, what they sent us."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.querysets import BrandScopedQuerySet
from erp.channels.models.channels import Channel
from erp.core.models import Timestamped


class OfChannelQuerySet(BrandScopedQuerySet):
    brand_path = "channel__brand"


class Connection(Timestamped):
    """Where a channel's shop is reached, by which version of its API, and which of its places holds our stock.

    What the marketplace sends by itself (orders) is taken in under the name of `created_by`.
    """

    class Listening(models.TextChoices):
        WAITING = "waiting", _("Being asked")
        ON = "on", _("Orders come in by themselves")
        OFF = "off", _("Orders do not come in by themselves")

    channel = models.OneToOneField(Channel, models.CASCADE, related_name="connection", verbose_name=_("channel"))
    shop = models.CharField(_("shop"), max_length=120)
    api_version = models.CharField(_("version of the API"), max_length=10)
    place_id = models.CharField(_("id of the place there"), max_length=80, blank=True)
    place_name = models.CharField(_("place there"), max_length=120, blank=True)
    # Where the marketplace reaches this installation: addresses of pictures begin with it.
    origin = models.CharField(_("public address"), max_length=200, blank=True)
    is_automatic = models.BooleanField(_("send changes as they happen"), default=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    tells_customers = models.BooleanField(_("the shop mails tracking numbers to customers"), default=False)
    # Whether the shop delivers its orders to us, as we asked it to; blank: it was not asked.
    listening = models.CharField(_("orders come in by themselves"), max_length=8, choices=Listening, blank=True)
    listening_problem = models.CharField(_("why they do not"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("connected by")
    )

    objects = OfChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return self.shop


class Push(Timestamped):
    """Listings on their way to a marketplace, one after the other by `last_listing`.

    `updated_at` is the last sign of life; `run` counts the attempts: a worker that was taken for dead and is not finds
    that its run is over.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being sent")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")

    UNDER_WAY = (State.WAITING, State.RUNNING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="pushes", verbose_name=_("channel"), db_index=False
    )  # the index begins with it
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("sent by")
    )
    everything = models.BooleanField(_("what did not change too"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(_("products"), default=0)
    sent = models.PositiveIntegerField(_("sent"), default=0)
    refused = models.PositiveIntegerField(_("to be mended"), default=0)
    last_listing = models.PositiveBigIntegerField(default=0, editable=False)
    run = models.PositiveIntegerField(default=0, editable=False)
    failures = models.PositiveSmallIntegerField(_("attempts in vain"), default=0)
    not_before = models.DateTimeField(_("goes on at"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    objects = OfChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        ordering = ["-id"]
        indexes = [models.Index(fields=["channel", "-id"], name="push_channel")]
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], condition=Q(state__in=["waiting", "running"]), name="one_push_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.get_state_display()}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    @property
    def looked_at(self) -> int:
        return self.sent + self.refused


class Inbound(Timestamped):
    """What a shop delivered to us, signed: kept first, worked off in the background. The same again is acknowledged.

    `body` is emptied once it is worked off. `told_at` is the shop's own moment of what it says.
    """

    class Kind(models.TextChoices):
        SHOPIFY = "shopify", _("webhook of Shopify")
        ORDERS = "orders", _("signed orders")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="inbound", verbose_name=_("channel"), db_index=False
    )  # the constraints begin with it
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    key = models.CharField(_("id of the delivery"), max_length=80)
    event = models.CharField(_("id of the event"), max_length=80, blank=True)
    topic = models.CharField(_("topic"), max_length=40, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    body = models.BinaryField(editable=False)
    size = models.PositiveIntegerField(_("bytes"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    number = models.CharField(_("order number there"), max_length=80, blank=True)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    results = models.JSONField(_("what became of each order"), default=list)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    objects = OfChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery to us")
        verbose_name_plural = _("deliveries to us")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="one_inbound_per_channel_and_key"),
            models.UniqueConstraint(fields=["channel", "digest"], name="one_inbound_per_channel_and_content"),
        ]
        indexes = [
            models.Index(fields=["channel", "-id"], name="inbound_channel"),
            models.Index(fields=["channel", "number"], name="inbound_number", condition=~Q(number="")),
            models.Index(fields=["updated_at"], name="inbound_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.topic} {self.key}"

"""What a brand's own systems are told: where, what of it, and every delivery."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped


class Event(models.TextChoices):
    """What may be told."""

    STOCK_CHANGED = "stock.changed", _("Stock changed")
    LISTING_CHANGED = "listing.changed", _("A listing went out or was refused")
    ORDER_TAKEN = "order.taken", _("An order came in")
    ORDER_SHIPPED = "order.shipped", _("An order was shipped")
    ORDER_CANCELLED = "order.cancelled", _("An order was cancelled")
    EXPORT_DONE = "export.done", _("An export is made")
    TEST = "test", _("Test")


# What an endpoint may choose; a test is always delivered.
CHOSEN = [(event.value, event.label) for event in Event if event != Event.TEST]


class WebhookEndpoint(Timestamped):
    """An address of a brand that is told of events. `failing_since` is the first failure after the last success."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="webhooks", verbose_name=_("brand"), db_index=False
    )  # the constraint begins with it
    name = models.CharField(_("name"), max_length=60)
    url = models.URLField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    sealed = models.BinaryField(editable=False)
    hint = models.CharField(_("last signs of its key"), max_length=8, blank=True)
    keyed_at = models.DateTimeField(_("key made"), default=timezone.now)
    is_active = models.BooleanField(_("in use"), default=True)
    failing_since = models.DateTimeField(_("fails since"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, verbose_name=_("made by")
    )

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "name"],
                name="unique_webhook_name_per_brand",
                violation_error_message=_("Another webhook of this brand has this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stopped(self) -> bool:
        """Paused by Jangbu, because it failed for too long."""
        return not self.is_active and self.failing_since is not None


class DeliveryQuerySet(BrandScopedQuerySet):
    brand_path = "endpoint__brand"


class WebhookDelivery(models.Model):
    """An event for one endpoint: written with what it tells of, in the same transaction; delivered until it is taken.

    `public_id` is its Webhook-Id over all attempts. While an event about `subject` waits for its first attempt, another
    one about it says nothing new: the constraint keeps them one. `payload` is blank until the first attempt where the
    newest truth is what is to be told.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        DEAD = "dead", _("Given up")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"), db_index=False
    )  # the indexes begin with it
    event = models.CharField(_("event"), max_length=20, choices=Event)
    subject = models.CharField(_("about"), max_length=60, blank=True)
    payload = models.JSONField(_("content"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    happened_at = models.DateTimeField(_("happened"), default=timezone.now)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    tried_at = models.DateTimeField(_("last attempt"), null=True, blank=True)
    status = models.PositiveSmallIntegerField(_("answer's code"), null=True, blank=True)
    duration = models.PositiveIntegerField(_("took, ms"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery of a webhook")
        verbose_name_plural = _("deliveries of webhooks")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="delivery_endpoint"),
            models.Index(fields=["endpoint", "next_at"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "-id"], name="delivery_dead", condition=Q(state="dead")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event", "subject"],
                condition=Q(state="waiting", attempts=0) & ~Q(subject=""),
                name="one_waiting_delivery_per_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.public_id}"

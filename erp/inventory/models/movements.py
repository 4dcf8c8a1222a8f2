"""Every movement of the stock, in postings of movements that were written together."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.days import is_of_earlier_day
from catalog.models import Brand, Variant
from catalog.querysets import BrandScopedQuerySet
from erp.inventory.models.places import Location
from erp.inventory.querysets import MovementQuerySet


class Recorded:
    """What happened at one time and was recorded at another."""

    brand: Any
    occurred_at: Any
    recorded_at: Any

    @property
    def is_backdated(self) -> bool:
        """Whether it was recorded on a later business day than it happened on."""
        return is_of_earlier_day(self.brand, self.occurred_at, self.recorded_at)


class MovementKind(models.TextChoices):
    OPENING = "opening", _("Opening stock")
    RECEIPT = "receipt", _("Received")
    SHIPMENT = "shipment", _("Shipped")
    TRANSFER = "transfer", _("Moved")
    RETURN = "return", _("Came back")
    ADJUSTMENT = "adjustment", _("Adjusted")
    REVERSAL = "reversal", _("Reversed")


class Posting(Recorded, models.Model):
    """A group of movements written together, all or none. Append-only, like its movements."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="postings", verbose_name=_("brand"), db_index=False
    )  # the constraints and indexes below begin with it
    kind = models.CharField(_("kind"), max_length=12, choices=MovementKind)
    idempotency_key = models.CharField(_("idempotency key"), max_length=80)
    fingerprint = models.CharField(max_length=64, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), db_index=False
    )
    occurred_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    # Set on the answer to an idempotency key that was used before: nothing new was written.
    replayed = False

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_idempotency_key_per_brand")
        ]
        indexes = [
            models.Index(fields=["brand", "-id"], name="posting_brand"),
            models.Index(fields=["brand", "actor"], name="posting_actor"),
            models.Index(fields=["reference"], name="posting_reference", condition=~Q(reference="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class StockMovement(Recorded, models.Model):
    """A number of units of one variant going from one location to another. The database refuses UPDATE and DELETE.

    `source_balance` and `destination_balance` are what was on hand there right after, null at virtual locations:
    the running balance of every history, written once under the row lock. Brand, kind and actor are the posting's:
    a trigger holds them equal as rows are inserted, and as postings never change, foreign keys could not add to that.
    Every index of `Meta` serves as the index of the foreign key it begins with.
    """

    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="movements", verbose_name=_("brand"), db_constraint=False, db_index=False
    )
    posting = models.ForeignKey(
        Posting, models.PROTECT, related_name="movements", verbose_name=_("posting"), db_constraint=False
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="movements", verbose_name=_("variant"), db_index=False
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    source = models.ForeignKey(
        Location, models.PROTECT, related_name="departures", verbose_name=_("from"), db_index=False
    )
    destination = models.ForeignKey(
        Location, models.PROTECT, related_name="arrivals", verbose_name=_("to"), db_index=False
    )
    source_balance = models.PositiveIntegerField(_("left there"), null=True)
    destination_balance = models.PositiveIntegerField(_("then there"), null=True)
    kind = models.CharField(_("kind"), max_length=12, choices=MovementKind)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
        db_constraint=False,
        db_index=False,
    )
    occurred_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"))
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", verbose_name=_("reverses"), null=True, blank=True
    )

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="movement_quantity_positive"),
            models.CheckConstraint(condition=~Q(source=F("destination")), name="movement_goes_somewhere"),
        ]
        indexes = [
            models.Index(fields=["brand", "-id"], name="movement_brand"),
            models.Index(fields=["variant", "-id"], name="movement_variant"),
            models.Index(fields=["source", "-id"], name="movement_source"),
            models.Index(fields=["destination", "-id"], name="movement_destination"),
            models.Index(fields=["actor", "-id"], name="movement_actor"),
            models.Index(fields=["brand", "kind", "-id"], name="movement_kind"),
            models.Index(fields=["brand", "occurred_at"], name="movement_occurred"),
            models.Index(fields=["occurred_at"], name="movement_occurred_anywhere"),
            models.Index(fields=["reference"], name="movement_reference", condition=~Q(reference="")),
            # ANALYZE on SQLite takes the unique index of a column that is nearly always null for a useless one.
            models.Index(fields=["reverses"], name="movement_reverses", condition=Q(reverses__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.quantity} {self.source_id}→{self.destination_id}"

"""What is on hand, and what of it is held for somebody."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Variant
from erp.inventory.models.places import Location
from erp.inventory.querysets import BalanceQuerySet, ReservationQuerySet


class Balance(models.Model):
    """What is on hand of a variant at an internal location. Written only by `post_movements`."""

    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="balances", verbose_name=_("variant"), db_index=False
    )  # the unique constraint begins with it
    location = models.ForeignKey(Location, models.PROTECT, related_name="balances", verbose_name=_("location"))
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)
    # Written by the statements that change the numbers. No index: it would slow every posting down.
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, db_default=Now())

    objects = BalanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="one_balance_per_variant_and_location"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(reserved__lte=F("on_hand")), name="reserved_within_on_hand"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} @ {self.location_id}: {self.on_hand}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Reservation(models.Model):
    """Pieces of one variant at one place that are held for a paper. quantity = open + shipped + released.

    `Balance.reserved` is the sum of what is open. Written only by `reserve`, `release` and `post_movements`, under this
    row's lock, so that nothing is given back or shipped twice.
    """

    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="reservations", verbose_name=_("brand"), db_index=False
    )  # the constraint and the indexes below begin with it
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="reservations", verbose_name=_("variant"), db_index=False
    )
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="reservations", verbose_name=_("location"), db_index=False
    )
    quantity = models.PositiveIntegerField(_("held"))
    shipped = models.PositiveIntegerField(_("shipped"), default=0)
    released = models.PositiveIntegerField(_("released"), default=0)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    idempotency_key = models.CharField(_("idempotency key"), max_length=80)
    line = models.PositiveIntegerField(_("line"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), db_index=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "idempotency_key", "line"], name="unique_reservation_key_and_line"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("shipped") + F("released")), name="reservation_within_quantity"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, quantity__gt=F("shipped") + F("released"))
                | Q(closed_at__isnull=False, quantity=F("shipped") + F("released")),
                name="reservation_closed_when_nothing_is_open",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "-id"], name="reservation_brand"),
            models.Index(fields=["variant", "location"], name="reservation_open", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["expires_at"],
                name="reservation_expiry",
                condition=Q(closed_at__isnull=True, expires_at__isnull=False),
            ),
            models.Index(fields=["reference"], name="reservation_reference", condition=~Q(reference="")),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} @ {self.location_id}: {self.open}/{self.quantity}"

    @property
    def open(self) -> int:
        return self.quantity - self.shipped - self.released

"""One product on one channel: what it says there, and what the marketplace has of it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Variant
from catalog.querysets import BrandScopedQuerySet
from erp.channels.formats.findings import Finding, said
from erp.channels.models.channels import Channel
from erp.core.models import Timestamped


class ListingQuerySet(BrandScopedQuerySet):
    brand_path = "channel__brand"

    def to_mend(self) -> Self:
        """What the marketplace refused, or would refuse."""
        return self.filter(Q(errors__gt=0) | Q(status="error"))

    def changed(self) -> Self:
        """What went out and changed since."""
        return self.exclude(status="draft").filter(stale_since__isnull=False)


class ChannelListing(Timestamped):
    """A product on a channel. A blank field takes its value from the template of descriptions, else from the product.

    `stale_since` is the moment from which the marketplace has been told less than the truth: a price, a text, a stock
    that changed after the last export. It is blank while all that was sent still holds. `read_at` is when an export
    or a push last read it: what changes after that moves `stale_since` on, and outlives that export.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        READY = "ready", _("Ready")
        EXPORTED = "exported", _("Exported")
        LIVE = "live", _("Live")
        ERROR = "error", _("To be mended")

    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="listings", verbose_name=_("channel"), db_index=False
    )  # the constraint begins with it
    product = models.ForeignKey(Product, models.PROTECT, related_name="listings", verbose_name=_("product"))
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.DRAFT)
    title = models.CharField(_("title"), max_length=255, blank=True)
    description = models.TextField(_("description"), blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True, blank=True)
    compare_at = models.DecimalField(_("price before"), max_digits=12, decimal_places=2, null=True, blank=True)
    target_category = models.CharField(_("category there"), max_length=200, blank=True)
    attributes = models.JSONField(_("values of the marketplace's columns"), default=dict, blank=True)
    # Ids of photos in the order they are shown; empty: those of the product.
    pictures = models.JSONField(_("pictures"), default=list, blank=True)
    external_id = models.CharField(_("id there"), max_length=80, blank=True)
    options_before = models.JSONField(_("options when last sent"), default=list, blank=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    exported_at = models.DateTimeField(_("exported"), null=True, blank=True)
    stale_since = models.DateTimeField(_("changed since"), null=True, blank=True)
    # Blank: what the marketplace would refuse is to be found anew.
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True, editable=False)
    errors = models.PositiveIntegerField(_("to be mended"), default=0, editable=False)
    only_stock = models.BooleanField(_("only its stock changed"), default=False)
    read_at = models.DateTimeField(_("read by an export"), null=True, blank=True, editable=False)
    # Of a live channel: digests of the content and the pictures that it has.
    pushed = models.JSONField(default=dict, blank=True, editable=False)
    push_after = models.DateTimeField(_("sent again after"), null=True, blank=True, editable=False)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "product"], name="one_listing_per_channel_and_product"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="listing_price_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "status", "-id"], name="listing_status"),
            models.Index(
                fields=["channel", "stale_since"], name="listing_stale", condition=Q(stale_since__isnull=False)
            ),
            models.Index(fields=["channel", "external_id"], name="listing_external", condition=~Q(external_id="")),
            models.Index(fields=["updated_at", "id"], name="listing_updated"),
            models.Index(fields=["channel", "id"], name="listing_unchecked", condition=Q(checked_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.channel}"


class ListingVariant(models.Model):
    """What a marketplace calls a variant of a listing."""

    listing = models.ForeignKey(
        ChannelListing, models.CASCADE, related_name="variants", verbose_name=_("listing"), db_index=False
    )
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", verbose_name=_("variant"))
    external_id = models.CharField(_("id there"), max_length=80, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True, blank=True)
    # Of a live channel: what its stock is kept under, and how many pieces it was last told.
    stock_id = models.CharField(_("id of its stock there"), max_length=80, blank=True)
    told = models.IntegerField(_("pieces told"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("variant of a listing")
        verbose_name_plural = _("variants of listings")
        constraints = [models.UniqueConstraint(fields=["listing", "variant"], name="one_row_per_listing_and_variant")]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.variant_id}"


class FindingRow(models.Model):
    """One thing that a marketplace would refuse, or take otherwise than meant; its words are made when it is read."""

    class Level(models.TextChoices):
        ERROR = "error", _("Left out")
        WARNING = "warning", _("Warning")

    code = models.CharField(_("rule"), max_length=20)
    field = models.CharField(_("field"), max_length=120)
    sku = models.CharField(_("SKU"), max_length=120, blank=True)
    level = models.CharField(_("weight"), max_length=7, choices=Level)
    params = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.field}"

    @property
    def message(self) -> str:
        return said(self.code, self.params)

    @classmethod
    def of(cls, finding: Finding, **place: Any) -> Self:
        """The unsaved row of a finding."""
        return cls(
            code=finding.code,
            field=finding.field[:120],
            sku=finding.sku[:120],
            level=finding.level,
            params=dict(finding.params),
            **place,
        )


class ListingFinding(FindingRow):
    """As it was when the listing was last checked."""

    listing = models.ForeignKey(
        ChannelListing, models.CASCADE, related_name="findings", verbose_name=_("listing"), db_index=False
    )  # the index begins with it

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["pk"]
        indexes = [models.Index(fields=["listing", "id"], name="finding_listing")]

"""What was sent to a marketplace: who, when, which rows, the exact file."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.querysets import BrandScopedQuerySet
from erp.channels.models.channels import Channel
from erp.channels.models.listings import ChannelListing, FindingRow
from erp.core.models import Timestamped
from erp.trade.models import Shipment


def export_path(export: Export, filename: str) -> str:
    """Where a file lies: our own random name."""
    return f"channels/{export.channel.brand_id}/exports/{export.public_id}"


class ExportQuerySet(BrandScopedQuerySet):
    brand_path = "channel__brand"


class Export(Timestamped):
    """One file for one marketplace, kept byte for byte. `updated_at` is the last sign of life while it is made.

    `run` counts the attempts: a maker that was taken for dead and is not finds that its run is over. A file that would
    make the marketplace destroy something waits until a person confirmed that; only then its listings count as sent.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        MAKING = "making", _("Being made")
        HELD = "held", _("To be confirmed")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")
        DROPPED = "dropped", _("Not sent")

    RUNNING = (State.QUEUED, State.MAKING)

    class What(models.TextChoices):
        PRODUCTS = "products", _("Products")
        STOCK = "stock", _("Stock")
        PICTURES = "pictures", _("Pictures")
        TRACKING = "tracking", _("Tracking numbers")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="exports", verbose_name=_("channel"), db_index=False
    )  # the index begins with it
    what = models.CharField(_("what"), max_length=8, choices=What, default=What.PRODUCTS)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    only_changes = models.BooleanField(_("only what changed"), default=True)
    template = models.CharField(_("template"), max_length=40, blank=True)
    # Where the marketplace reaches this installation: addresses of pictures begin with it.
    origin = models.CharField(_("public address"), max_length=200, blank=True)
    file = models.FileField(_("file"), upload_to=export_path, max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    listings_count = models.PositiveIntegerField(_("products"), default=0)
    lines_count = models.PositiveIntegerField(_("lines"), default=0)
    left_out = models.PositiveIntegerField(_("left out, to be mended"), default=0)
    unchanged = models.PositiveIntegerField(_("left out, unchanged"), default=0)
    warned = models.PositiveIntegerField(_("warnings"), default=0)
    total = models.PositiveIntegerField(_("to be looked at"), default=0)
    looked_at = models.PositiveIntegerField(_("looked at"), default=0)
    run = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
    )

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["channel", "what", "-id"], name="export_channel")]

    def __str__(self) -> str:
        return self.file_name or f"{self.channel}: {self.get_what_display()}"

    @property
    def is_usable(self) -> bool:
        """Whether there is a file to be given to the marketplace: not one that somebody said no to."""
        return bool(self.file) and self.state in (self.State.DONE, self.State.HELD)

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING


class ExportLine(models.Model):
    """A listing in an export: what went out of it, and what that changed. `read_at` is the moment that is told."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="lines", verbose_name=_("export"), db_index=False)
    listing = models.ForeignKey(ChannelListing, models.CASCADE, related_name="sent", verbose_name=_("listing"))
    digest = models.CharField(max_length=64, editable=False)
    cells = models.JSONField(_("cells"), default=list)
    # Header -> [before, now] of the first line of the listing where they differ.
    changes = models.JSONField(_("changes"), default=dict)
    is_new = models.BooleanField(_("sent for the first time"), default=False)
    # The values of its options, where the marketplace knew others.
    options = models.JSONField(_("options"), default=list)
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("line of an export")
        verbose_name_plural = _("lines of exports")
        constraints = [models.UniqueConstraint(fields=["export", "listing"], name="one_line_per_export_and_listing")]

    def __str__(self) -> str:
        return f"{self.export_id}: {self.listing_id}"


class ExportFinding(FindingRow):
    """As it was when an export looked at the listing: an error left it out, a warning did not."""

    export = models.ForeignKey(
        Export, models.CASCADE, related_name="findings", verbose_name=_("export"), db_index=False
    )
    listing = models.ForeignKey(ChannelListing, models.CASCADE, related_name="+", verbose_name=_("listing"))

    class Meta:
        verbose_name = _("finding of an export")
        verbose_name_plural = _("findings of exports")
        ordering = ["pk"]
        indexes = [models.Index(fields=["export", "level", "id"], name="export_finding")]


class ExportShipment(models.Model):
    """A shipment whose tracking number was told to the marketplace, as it was told."""

    export = models.ForeignKey(
        Export, models.CASCADE, related_name="shipments", verbose_name=_("export"), db_index=False
    )
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="told", verbose_name=_("shipment"))
    courier = models.CharField(_("courier"), max_length=20)
    tracking_number = models.CharField(_("tracking number"), max_length=60)

    class Meta:
        verbose_name = _("told shipment")
        verbose_name_plural = _("told shipments")
        constraints = [models.UniqueConstraint(fields=["export", "shipment"], name="one_line_per_export_and_shipment")]

    def __str__(self) -> str:
        return f"{self.courier} {self.tracking_number}"

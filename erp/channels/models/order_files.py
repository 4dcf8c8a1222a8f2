"""Files of orders on their way in: uploaded, their columns looked at, taken in order by order."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.channels.models.channels import Channel
from erp.channels.models.intake import ChannelScopedQuerySet
from erp.core.models import Timestamped


def order_file_path(file: OrderFile, filename: str) -> str:
    """Where an uploaded file lies: our own random name."""
    return f"channels/{file.channel.brand_id}/orders/{file.public_id}"


class OrderFile(Timestamped):
    """An uploaded file of orders; each of its orders is taken in by itself, once, whoever sends it again.

    `next_order` says how far it has come; it moves on in the transaction that takes those orders in, so that whoever
    goes on after a crash takes none twice. `updated_at` is the last sign of life.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("To be looked at")
        QUEUED = "queued", _("Waiting")
        READING = "reading", _("Being read")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")

    RUNNING = (State.QUEUED, State.READING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="order_files", verbose_name=_("channel"), db_index=False
    )  # the index begins with it
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.UPLOADED)
    file = models.FileField(_("file"), upload_to=order_file_path, max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64, editable=False)
    headings = models.JSONField(_("headings"), default=list)
    preview = models.JSONField(_("first rows"), default=list)
    template = models.CharField(_("marketplace of the file"), max_length=20)
    # Meaning -> heading, where people said so themselves; empty: as the template knows them.
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    total = models.PositiveIntegerField(_("orders"), default=0)
    next_order = models.PositiveIntegerField(_("next order"), default=0)
    run = models.PositiveSmallIntegerField(_("attempts"), default=0)
    counts = models.JSONField(_("orders by fate"), default=dict)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    objects = ChannelScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of orders")
        verbose_name_plural = _("files of orders")
        ordering = ["-id"]
        indexes = [models.Index(fields=["channel", "-id"], name="order_file_channel")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING


class OrderFileProblem(models.Model):
    """A cell of a file that cannot be read as it should."""

    file = models.ForeignKey(
        OrderFile, models.CASCADE, related_name="problems", verbose_name=_("file of orders"), db_index=False
    )
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=300, blank=True)
    code = models.CharField(_("code"), max_length=40)
    message = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("problem of a file of orders")
        verbose_name_plural = _("problems of files of orders")
        ordering = ["line", "pk"]
        indexes = [models.Index(fields=["file", "line", "id"], name="order_file_problem")]

    def __str__(self) -> str:
        return f"{self.line} {self.column}: {self.message}"


class OrderMapping(Timestamped):
    """How a file of a channel was read, remembered for the next one with the same headings."""

    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="order_mappings", verbose_name=_("channel"), db_index=False
    )  # the constraint begins with it
    fingerprint = models.CharField(_("fingerprint of the headings"), max_length=64)
    template = models.CharField(_("marketplace of the file"), max_length=20)
    columns = models.JSONField(_("columns"), default=dict)

    objects = ChannelScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("remembered columns of orders")
        verbose_name_plural = _("remembered columns of orders")
        constraints = [
            models.UniqueConstraint(fields=["channel", "fingerprint"], name="one_order_mapping_per_headings")
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.template}"

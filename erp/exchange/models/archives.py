"""The files a brand takes along when it leaves, or keeps."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped


def archive_path(archive: "Archive", filename: str) -> str:
    return f"archives/{archive.brand_id}/{archive.public_id}.zip"


class Archive(Timestamped):
    """Everything a brand owned at one moment, as one file. `updated_at` is the last sign of life while it is made."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Stopped")

    MAKING = (State.QUEUED, State.RUNNING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="archives", verbose_name=_("brand"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name=_("by"), null=True
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    rows_done = models.PositiveBigIntegerField(_("rows written"), default=0)
    file = models.FileField(_("file"), upload_to=archive_path, max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand"], condition=models.Q(state__in=["queued", "running"]), name="one_archive_in_the_making"
            )
        ]

    def __str__(self) -> str:
        return f"{self.brand.slug} {self.created_at:%Y-%m-%d}"

    @property
    def is_making(self) -> bool:
        return self.state in self.MAKING

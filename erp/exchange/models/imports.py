"""A file of products on its way in. Nothing of it reaches the catalog or the ledger before it is applied."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped
from erp.inventory.models import Location


class ImportMapping(Timestamped):
    """Which heading means which column, remembered for the next file with the same headings."""

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="import_mappings", verbose_name=_("brand"), db_index=False
    )  # the constraint begins with it
    fingerprint = models.CharField(_("fingerprint of the headings"), max_length=64)
    headings = models.JSONField(_("headings"), default=list)
    columns = models.JSONField(_("columns"), default=dict)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "fingerprint"], name="one_mapping_per_brand_and_headings")
        ]

    def __str__(self) -> str:
        return ", ".join(map(str, self.headings))[:80]


def import_path(job: "ImportJob", filename: str) -> str:
    """Where an uploaded file lies: our own random name, nothing of the uploaded one."""
    return f"imports/{job.brand_id}/{job.public_id}"


class ImportJob(Timestamped):
    """One file of products, variants and stock: uploaded, checked row by row, applied in chunks.

    `next_chunk` says how far the check or the applying has come; it moves on in the transaction that does the chunk,
    so that whoever takes the job up after a crash does no row twice. `updated_at` is its last sign of life.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Columns to be chosen")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        APPLYING = "applying", _("Being applied")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Stopped")

    RUNNING = (State.CHECKING, State.APPLYING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="import_jobs", verbose_name=_("brand"), db_index=False
    )  # the index begins with it
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("applied by"), null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    file = models.FileField(_("file"), upload_to=import_path, max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64, editable=False)
    file_format = models.CharField(_("format"), max_length=8)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    delimiter = models.CharField(_("delimiter"), max_length=2, blank=True)
    headings = models.JSONField(_("headings"), default=list)
    columns = models.JSONField(_("columns"), default=dict)  # column key -> place of its heading
    preview = models.JSONField(_("first rows"), default=list)
    run = models.PositiveSmallIntegerField(_("times checked"), default=0)
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("where stock lies unless a row names a place"),
        null=True, blank=True,
    )  # fmt: skip
    only_good = models.BooleanField(_("applied although some rows had errors"), default=False)
    total = models.PositiveIntegerField(_("rows"), default=0)
    chunks = models.PositiveIntegerField(_("chunks"), default=0)
    next_chunk = models.PositiveIntegerField(_("next chunk"), default=0)
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    counts = models.JSONField(_("rows by fate"), default=dict)
    applied = models.PositiveIntegerField(_("rows applied"), default=0)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["brand", "-id"], name="import_brand")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def errors(self) -> int:
        return self.counts.get(ImportRow.Fate.ERROR, 0)

    @property
    def changing(self) -> int:
        """How many rows would change something, or did."""
        return self.counts.get(ImportRow.Fate.CREATE, 0) + self.counts.get(ImportRow.Fate.CHANGE, 0)


class ImportRow(models.Model):
    """One row of a file: its cells, and what becomes of it."""

    class Fate(models.TextChoices):
        CREATE = "create", _("New")
        CHANGE = "change", _("Changed")
        SKIP = "skip", _("Nothing changes")
        ERROR = "error", _("To be mended")

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rows", verbose_name=_("import"), db_index=False)
    number = models.PositiveIntegerField(_("row in the file"))
    chunk = models.PositiveIntegerField(_("chunk"))
    cells = models.JSONField(_("cells"), default=list)
    fate = models.CharField(_("what becomes of it"), max_length=6, choices=Fate, blank=True)
    # Column key -> [before, after]; of a new row `before` is null.
    changes = models.JSONField(_("changes"), default=dict)
    # {"field": ..., "code": ..., "params": {...}}; the words are found when they are shown, in the reader's language.
    errors = models.JSONField(_("errors"), default=list)
    applied = models.BooleanField(_("applied"), default=False)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_row_per_import_and_number")]
        indexes = [
            models.Index(fields=["job", "chunk"], name="import_row_chunk"),
            models.Index(fields=["job", "fate", "number"], name="import_row_fate"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.number}"

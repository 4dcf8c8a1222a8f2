"""What was deleted: clients that hold copies learn of it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.brand import Brand
from catalog.querysets import VocabularyQuerySet


class Tombstone(models.Model):
    """One deleted row. Written by `catalog.sync`, kept for SYNC_KEPT_DAYS."""

    # Without a constraint: the rows of a brand that is deleted itself are deleted with it.
    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="+", verbose_name=_("brand"), null=True, db_constraint=False, db_index=False
    )
    kind = models.CharField(_("kind"), max_length=20)
    object_id = models.CharField(_("id"), max_length=40)
    deleted_at = models.DateTimeField(_("deleted"), default=timezone.now)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        verbose_name = _("deleted row")
        verbose_name_plural = _("deleted rows")
        ordering = ["deleted_at", "pk"]
        indexes = [
            models.Index(fields=["deleted_at", "id"], name="tombstone_deleted"),
            models.Index(fields=["brand", "deleted_at", "id"], name="tombstone_brand"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"

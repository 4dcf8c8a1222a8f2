"""Who changed which field, when."""

from __future__ import annotations

from typing import Any

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.audit.recording import change_of, filled
from catalog.models.brand import Brand
from catalog.querysets import ChangeQuerySet


class ChangeManager(LogEntryManager.from_queryset(ChangeQuerySet)):  # type: ignore[misc]
    """What django-auditlog calls as rows are saved and deleted."""

    def log_create(self, instance: Any, force_log: bool = False, **kwargs: Any) -> Any:
        if not filled(kwargs.get("changes") or {}):
            return None
        change = change_of(instance, kwargs["action"], kwargs["changes"])
        change.save(force_insert=True)
        return change


class Change(AbstractLogEntry):
    """One row that was made, changed or deleted: `changes` holds [before, after] by field.

    It outlives what it tells of, the person and the brand included: none of its references is enforced.
    """

    # Columns of the library that nobody here reads.
    changes_text = None
    serialized_data = None
    additional_data = None
    remote_addr = None
    remote_port = None
    actor_email = None

    brand = models.ForeignKey(
        Brand, models.DO_NOTHING, related_name="+", verbose_name=_("brand"), null=True, blank=True,
        db_constraint=False, db_index=False,
    )  # fmt: skip
    topic = models.CharField(_("seen on"), max_length=80)
    is_private = models.BooleanField(_("for owners only"), default=False)
    content_type = models.ForeignKey(
        ContentType, models.CASCADE, related_name="+", verbose_name=_("kind of thing"), db_index=False
    )
    object_pk = models.CharField(_("key"), max_length=255)
    object_id = models.BigIntegerField(_("id"), null=True, blank=True)
    object_repr = models.CharField(_("thing"), max_length=200)
    action = models.PositiveSmallIntegerField(
        _("what happened"), choices=[(0, _("Made")), (1, _("Changed")), (2, _("Deleted")), (3, _("Looked at"))]
    )
    changes = models.JSONField(_("changes"), default=dict)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+", verbose_name=_("by"), null=True, blank=True,
        db_constraint=False, db_index=False,
    )  # fmt: skip
    actor_name = models.CharField(_("name then"), max_length=310, blank=True)
    cid = models.CharField(_("written together"), max_length=32, blank=True)
    timestamp = models.DateTimeField(_("when"), default=timezone.now)

    objects = ChangeManager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["brand", "-id"], name="change_brand"),
            models.Index(fields=["topic", "-id"], name="change_topic"),
            models.Index(fields=["brand", "actor", "-id"], name="change_actor"),
            models.Index(fields=["brand", "content_type", "-id"], name="change_kind"),
            models.Index(fields=["timestamp"], name="change_timestamp"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.object_repr}"

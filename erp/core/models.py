"""The floor: people, and the fields that every table shares."""

import re
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

HANGUL = re.compile("[가-힣]")


class User(AbstractUser):
    """A person. What they may do in a brand is a `catalog.Membership`; an auditor reads all brands, changes none."""

    class Language(models.TextChoices):
        KOREAN = "ko", _("Korean")
        ENGLISH = "en", _("English")

    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.KOREAN)
    is_auditor = models.BooleanField(
        _("platform auditor"), default=False, help_text=_("Reads the histories of every brand, read-only.")
    )

    # The pk of the one brand that a request may see, where it came with a token limited to it.
    only_brand: int | None = None

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def get_full_name(self) -> str:
        """In Korean the family name comes first, without a blank: 한지우."""
        if HANGUL.search(self.last_name + self.first_name):
            return (self.last_name + self.first_name).strip()
        return super().get_full_name()


class Changing(models.Model):
    """Something that clients hold copies of: `updated_at` moves with everything that they are shown of it.

    `save` sees to that; what writes otherwise, or writes a row that is shown as a part of this one, calls `touch`.
    """

    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        abstract = True


def touch(rows: models.QuerySet[Any]) -> None:
    """Says of rows that what is shown of them changed."""
    rows.update(updated_at=timezone.now())


class Timestamped(Changing):
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        abstract = True


class Named(models.Model):
    """Something with a Korean and an English name."""

    name_ko = models.CharField(_("Korean name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the current request; the other one where it is blank."""
        if get_language() == "en":
            return self.name_en or self.name_ko
        return self.name_ko or self.name_en


class KeptAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered, for a day. The key itself is not kept, only its digest."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("user"))
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")

    def __str__(self) -> str:
        return self.digest[:12]

"""The floor: people, and the fields that every table shares."""

import re

from django.contrib.auth.models import AbstractUser
from django.db import models
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

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def get_full_name(self) -> str:
        """In Korean the family name comes first, without a blank: 한지우."""
        if HANGUL.search(self.last_name + self.first_name):
            return (self.last_name + self.first_name).strip()
        return super().get_full_name()


class Timestamped(models.Model):
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

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

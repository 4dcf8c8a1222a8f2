"""What every paper has in common."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Variant
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped


class Paper(Timestamped):
    """A numbered document of a brand. Pages and the API name it by `public_id`, people by `number`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", verbose_name=_("brand"))
    number = models.CharField(_("number"), max_length=30)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), null=True, blank=True
    )

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


def number_per_brand(model: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["brand", "number"], name=f"unique_{model}_number_per_brand")


def variant_key(related_name: str = "+") -> models.ForeignKey:
    return models.ForeignKey(Variant, models.PROTECT, related_name=related_name, verbose_name=_("variant"))


def money_field(label: object, **options: object) -> models.DecimalField:
    """An amount in the paper's currency; won and yen have no decimals (`catalog.money`)."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, **options)  # type: ignore[arg-type]

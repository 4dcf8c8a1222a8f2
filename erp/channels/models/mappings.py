"""Our words and theirs: remembered, so that nothing is typed twice."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Category
from catalog.querysets import BrandScopedQuerySet
from erp.channels.models.channels import Channel, Language
from erp.core.models import Named, Timestamped


class ChannelScopedQuerySet(BrandScopedQuerySet):
    brand_path = "channel__brand"


class CategoryMatch(Timestamped):
    """Our category as a marketplace files it: its code or its path."""

    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="categories", verbose_name=_("channel"), db_index=False
    )
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name=_("category"))
    gender = models.CharField(_("gender"), max_length=10, blank=True, help_text=_("Blank: for everybody."))
    target = models.CharField(_("category there"), max_length=200)

    objects = ChannelScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("matched category")
        verbose_name_plural = _("matched categories")
        constraints = [
            models.UniqueConstraint(fields=["channel", "category", "gender"], name="one_target_per_category_and_gender")
        ]

    def __str__(self) -> str:
        return f"{self.category} → {self.target}"


class AttributeMatch(Timestamped):
    """A word of ours as a marketplace wants it: a colour, a size, a pattern."""

    class Kind(models.TextChoices):
        COLOUR = "colour", _("colour")
        SIZE = "size", _("size")
        PATTERN = "pattern", _("pattern")

    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="words", verbose_name=_("channel"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    ours = models.CharField(_("our word"), max_length=120)
    theirs = models.CharField(_("word there"), max_length=120)

    objects = ChannelScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("matched word")
        verbose_name_plural = _("matched words")
        constraints = [
            models.UniqueConstraint(fields=["channel", "kind", "ours"], name="one_word_per_channel_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.ours} → {self.theirs}"


class DescriptionTemplate(Named, Timestamped):
    """A description with places for facts: {material}, {care}, {sizes}, {colours}, {pattern}."""

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="description_templates", verbose_name=_("brand"), db_index=False
    )
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.KOREAN)
    body = models.TextField(_("text"))
    is_default = models.BooleanField(_("used unless another is chosen"), default=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("template of descriptions")
        verbose_name_plural = _("templates of descriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "language"], condition=models.Q(is_default=True), name="one_default_text_per_language"
            )
        ]

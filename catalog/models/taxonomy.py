"""Categories, patterns, colours and size runs. Rows without a brand are the platform's; brands add colours and runs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.brand import Brand, code_validator
from catalog.querysets import VocabularyQuerySet
from catalog.validators import validate_hex
from erp.core.models import Changing, Named


class Term(Named, Changing):
    slug = models.SlugField(_("code"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]


class Category(Term):
    """One of the twelve kinds of garment the student names."""

    size_run = models.ForeignKey(
        "SizeRun", models.PROTECT, related_name="+", verbose_name=_("usual size run"), null=True, blank=True
    )

    class Meta(Term.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")


class Pattern(Term):
    """One of the ten patterns the student names."""

    class Meta(Term.Meta):
        verbose_name = _("pattern")
        verbose_name_plural = _("patterns")


class BrandTerm(Named, Changing):
    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="+", verbose_name=_("brand"), null=True, blank=True,
        help_text=_("Blank: for every brand."),
    )  # fmt: skip
    slug = models.SlugField(_("slug"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "pk"]
        # Two constraints, as SQLite cannot take blanks for equal.
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "slug"],
                name="unique_%(class)s_slug_per_brand",
                violation_error_message=_("The brand already has one with this code."),
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(brand=None), name="unique_%(class)s_slug_of_platform"
            ),
        ]

    def usable_by(self, brand: Brand) -> bool:
        """Whether it is the platform's or the brand's own."""
        return self.brand_id in (None, brand.pk)


class Colour(BrandTerm):
    """A colour name with its representative sRGB."""

    code = models.CharField(_("code in SKUs"), max_length=8, validators=[code_validator])
    hex = models.CharField(_("hex"), max_length=7, validators=[validate_hex])

    class Meta(BrandTerm.Meta):
        verbose_name = _("colour")
        verbose_name_plural = _("colours")


class SizeRun(BrandTerm):
    """An ordered set of sizes, such as S to XL or 44 to 88."""

    class Meta(BrandTerm.Meta):
        verbose_name = _("size run")
        verbose_name_plural = _("size runs")


class Size(models.Model):
    run = models.ForeignKey(SizeRun, models.CASCADE, related_name="sizes", verbose_name=_("size run"))
    code = models.CharField(_("size"), max_length=12)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("size")
        verbose_name_plural = _("sizes")
        ordering = ["run", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "code"], name="unique_size_in_run")]

    def __str__(self) -> str:
        return self.code

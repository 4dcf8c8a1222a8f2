"""The tenant and the people who work in it."""

from datetime import time

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.querysets import BrandQuerySet
from catalog.skus import validate_scheme
from catalog.validators import validate_time_zone
from erp.core.models import Named, Timestamped


class Currency(models.TextChoices):
    KRW = "KRW", _("Korean won (₩)")
    USD = "USD", _("US dollar ($)")
    JPY = "JPY", _("Japanese yen (¥)")
    CNY = "CNY", _("Chinese yuan (CN¥)")
    EUR = "EUR", _("Euro (€)")


class Brand(Named, Timestamped):
    """A label with its own people, products, stock and prices."""

    slug = models.SlugField(
        _("address"), max_length=40, unique=True, help_text=_("Part of this brand's web addresses.")
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Seoul", validators=[validate_time_zone])
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.KRW)
    day_ends_at = models.TimeField(
        _("business day ends at"),
        default=time(6),
        help_text=_("Shops work through the night: what happens before this hour belongs to the day before."),
    )
    sku_scheme = models.CharField(
        _("SKU scheme"),
        max_length=80,
        default="{style}-{colour}-{size}",
        validators=[validate_scheme],
        help_text=_("Made of {style}, {colour} and {size}; the colour and the size are needed."),
    )
    low_stock_at = models.PositiveIntegerField(
        _("low stock at"), default=3, help_text=_("A variant with this many pieces or fewer is shown as low.")
    )

    objects = BrandQuerySet.as_manager()

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["name_ko", "pk"]


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    STAFF = "staff", _("Staff")
    VIEWER = "viewer", _("Viewer")


class Membership(Timestamped):
    """What one person may do in one brand."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="memberships", verbose_name=_("brand"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.STAFF)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "brand"],
                name="one_membership_per_person_and_brand",
                violation_error_message=_("This person already belongs to the brand. Change their role instead."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.brand} · {self.get_role_display()}"


code_validator = RegexValidator(r"^[A-Za-z0-9_]+$", _("Use Latin letters, digits and underscores."))

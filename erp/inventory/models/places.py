"""Where stock is."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.models.brand import code_validator
from erp.core.models import Changing, Named
from erp.inventory.querysets import LocationQuerySet


class Location(Named, Changing):
    """A place stock is at or comes from. Every unit leaves one location and enters another (double entry)."""

    class Kind(models.TextChoices):
        WAREHOUSE = "warehouse", _("Warehouse")
        SHOP = "shop", _("Shop")
        DEFECTIVE = "defective", _("Defective goods")
        SUPPLIER = "supplier", _("Suppliers")
        CUSTOMER = "customer", _("Customers")
        ADJUSTMENT = "adjustment", _("Adjustments")
        OPENING = "opening", _("Opening stock")
        SAMPLE = "sample", _("Samples")
        CONSIGNMENT = "consignment", _("On consignment")

    INTERNAL_KINDS = (Kind.WAREHOUSE, Kind.SHOP, Kind.DEFECTIVE, Kind.CONSIGNMENT)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="locations", verbose_name=_("brand"))
    code = models.CharField(_("code"), max_length=20, validators=[code_validator])
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    is_internal = models.BooleanField(_("ours"), editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = LocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "code"],
                name="unique_location_code_per_brand",
                violation_error_message=_("Another location of this brand already has this code."),
            ),
            models.CheckConstraint(
                condition=Q(is_internal=Q(kind__in=["warehouse", "shop", "defective", "consignment"])),
                name="internal_follows_kind",
            ),
        ]

    def clean(self) -> None:
        self.is_internal = self.kind in self.INTERNAL_KINDS  # the check of the constraint comes before `save`

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_internal = self.kind in self.INTERNAL_KINDS
        super().save(*args, **kwargs)

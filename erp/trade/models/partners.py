"""Whom a brand buys from, sells to, lends to, and gives goods on consignment."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped
from erp.inventory.models import Location


class Partner(Timestamped):
    """A supplier, a buyer, or both. `location` is our place there, once goods lie with them on consignment."""

    class Kind(models.TextChoices):
        FACTORY = "factory", _("Factory")
        FABRIC = "fabric", _("Fabric or trimmings shop")
        SHOP = "shop", _("Shop")
        AGENT = "agent", _("Buying agent")
        PRESS = "press", _("Stylist or press")
        OTHER = "other", _("Other")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="partners", verbose_name=_("brand"))
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SHOP)
    is_supplier = models.BooleanField(_("we buy from them"), default=False)
    is_buyer = models.BooleanField(_("they buy from us"), default=False)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    business_number = models.CharField(_("business number"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    credit_limit = models.DecimalField(
        _("credit limit"), max_digits=14, decimal_places=2, null=True, blank=True,
        help_text=_("How much they may owe. Blank: no limit."),
    )  # fmt: skip
    location = models.OneToOneField(
        Location, models.PROTECT, related_name="partner", verbose_name=_("consignment place"), null=True, blank=True
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "name"],
                name="unique_partner_name_per_brand",
                violation_error_message=_("Another partner of this brand already has this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeliverTo(models.Model):
    """A shop that a buyer has goods delivered to; a buying agent has several."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="shops", verbose_name=_("buyer"))
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("deliver-to shop")
        verbose_name_plural = _("deliver-to shops")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name"],
                name="unique_shop_name_per_buyer",
                violation_error_message=_("This buyer already has a shop of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

"""Packs (고미): a fixed mix of colours and sizes sold as one, exploded into variants when it moves."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Product
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped
from erp.trade.models.base import money_field, variant_key


class Pack(Timestamped):
    """`price` is of the whole pack; blank, it is the sum of its pieces."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="packs", verbose_name=_("brand"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="packs", verbose_name=_("product"))
    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(_("code"), max_length=40, blank=True, help_text=_("What a scanner reads from the pack."))
    price = money_field(_("price"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pack")
        verbose_name_plural = _("packs")
        ordering = ["product", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "name"],
                name="unique_pack_name_per_product",
                violation_error_message=_("This product already has a pack of this name."),
            ),
            models.UniqueConstraint(
                fields=["brand", "code"],
                condition=~models.Q(code=""),
                name="unique_pack_code_per_brand",
                violation_error_message=_("Another pack of this brand already has this code."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PackLine(models.Model):
    pack = models.ForeignKey(Pack, models.CASCADE, related_name="lines", verbose_name=_("pack"))
    variant = variant_key()
    quantity = models.PositiveIntegerField(_("pieces"))

    class Meta:
        verbose_name = _("line of a pack")
        verbose_name_plural = _("lines of packs")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["pack", "variant"], name="unique_variant_per_pack"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="pack_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.quantity}"

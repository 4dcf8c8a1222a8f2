"""What a piece cost: the moving average of each variant, and every step that led to it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Variant
from catalog.querysets import BrandScopedQuerySet
from erp.inventory.models.movements import StockMovement


def cost_field(label: object, **options: object) -> models.DecimalField:
    """An amount for one piece in the brand's currency. Six decimals: SQLite keeps fifteen digits exactly."""
    return models.DecimalField(label, max_digits=15, decimal_places=6, **options)  # type: ignore[arg-type]


class VariantCost(models.Model):
    """The moving average cost of one piece of a variant now. Its row is locked while an entry is added."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", verbose_name=_("brand"))
    variant = models.OneToOneField(Variant, models.PROTECT, related_name="cost", verbose_name=_("variant"))
    average = cost_field(_("average cost"), null=True)  # only inside the transaction that makes the row

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost of a variant")
        verbose_name_plural = _("costs of variants")
        constraints = [models.CheckConstraint(condition=Q(average__gte=0), name="average_cost_not_negative")]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.average}"


class CostEntry(models.Model):
    """One step of a moving average: `quantity` pieces (below zero where a receipt was taken back) came at `unit_cost`,
    while `on_hand_before` were in the house at `average_before`. Append-only, like the movement it goes with.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", verbose_name=_("brand"))
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="cost_entries", verbose_name=_("variant"), db_index=False
    )
    movement = models.OneToOneField(
        StockMovement, models.PROTECT, related_name="cost_entry", verbose_name=_("movement")
    )
    on_hand_before = models.BigIntegerField(_("on hand before"))
    average_before = cost_field(_("average before"), null=True)
    quantity = models.IntegerField(_("pieces"))
    unit_cost = cost_field(_("unit cost"))
    average_after = cost_field(_("average after"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost entry")
        verbose_name_plural = _("cost entries")
        ordering = ["-id"]
        indexes = [models.Index(fields=["variant", "-id"], name="cost_entry_variant")]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.quantity} x {self.unit_cost}"

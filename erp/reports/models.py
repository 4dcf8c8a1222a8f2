"""What the reports are summed from: pieces by business day, variant, place and kind of flow; and when to reorder."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Category, Product, Variant
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped
from erp.inventory.models import Location


class Flow(models.TextChoices):
    """How pieces came to a place or left it. A reversal counts below zero in the flow of what it takes back."""

    OPENED = "opened", _("Opening stock")
    RECEIVED = "received", _("Received")
    RETURNED = "returned", _("Returned by customers")
    FOUND = "found", _("Found")
    LENT_BACK = "lent_back", _("Back from samples")
    MOVED_IN = "moved_in", _("Moved in")
    SOLD = "sold", _("Sold")
    SENT_BACK = "sent_back", _("Sent back to suppliers")
    LOST = "lost", _("Lost")
    LENT = "lent", _("Lent as samples")
    MOVED_OUT = "moved_out", _("Moved out")


# Flows that add to what is on hand; the others take away.
INWARD = (Flow.OPENED, Flow.RECEIVED, Flow.RETURNED, Flow.FOUND, Flow.LENT_BACK, Flow.MOVED_IN)


class DailyFlow(models.Model):
    """The pieces of one flow on one business day, by the time they moved (`occurred_at`).

    Derived from the movements, of which it is the sum up to `Rollup.movement_id`: written by `services.roll_up` only,
    checked by `verify_rollups`. The movements hold the foreign keys true; copies of them need not.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    day = models.DateField(_("day"))
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    location = models.ForeignKey(Location, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    flow = models.CharField(_("flow"), max_length=10, choices=Flow)
    pieces = models.BigIntegerField(_("pieces"))

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("flow of a day")
        verbose_name_plural = _("flows of days")
        constraints = [
            models.UniqueConstraint(fields=["brand", "day", "variant", "location", "flow"], name="one_flow_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.variant_id}: {self.flow} {self.pieces}"


class Rollup(models.Model):
    """Up to which movement the flows of a brand are summed, and by which clock they were put into days."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="+", verbose_name=_("brand"))
    movement_id = models.BigIntegerField(_("summed up to movement"), default=0)
    time_zone = models.CharField(_("time zone"), max_length=40)
    day_ends_at = models.TimeField(_("business day ends at"))
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("summary for reports")
        verbose_name_plural = _("summaries for reports")

    def __str__(self) -> str:
        return f"{self.brand_id} ≤ {self.movement_id}"


class ReorderRule(Timestamped):
    """When to reorder, and up to how many: of a variant, a product, a category, or (all blank) everything.

    The most specific rule wins. Without any, the brand's own number for low stock is the point.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="reorder_rules", verbose_name=_("brand"))
    category = models.ForeignKey(
        Category, models.CASCADE, related_name="+", verbose_name=_("category"), null=True, blank=True
    )
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="+", verbose_name=_("product"), null=True, blank=True
    )
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("variant"), null=True, blank=True
    )
    point = models.PositiveIntegerField(
        _("reorder at"), help_text=_("Low, once this many pieces or fewer are available.")
    )
    target = models.PositiveIntegerField(_("fill up to"), help_text=_("How many there should be after the order."))

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reorder rule")
        verbose_name_plural = _("reorder rules")
        ordering = ["brand", "variant", "product", "category", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target__gt=F("point")),
                name="target_above_point",
                violation_error_message=_("Fill up to more than the number at which you reorder."),
            ),
            models.CheckConstraint(
                condition=Q(product=None, variant=None)
                | Q(category=None, variant=None)
                | Q(category=None, product=None),
                name="rule_of_one_thing",
                violation_error_message=_("Choose a variant, a product or a category: one of them, or none for all."),
            ),
            *(
                models.UniqueConstraint(
                    fields=["brand", *fields],
                    condition=condition,
                    name=f"one_rule_per_{name}",
                    violation_error_message=_("There is a rule for this already. Change that one."),
                )
                for name, fields, condition in (
                    ("variant", ["variant"], Q(variant__isnull=False)),
                    ("product", ["product"], Q(product__isnull=False)),
                    ("category", ["category"], Q(category__isnull=False)),
                    ("brand", [], Q(variant=None, product=None, category=None)),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant or self.product or self.category or '*'}: {self.point} → {self.target}"

    def clean(self) -> None:
        for name in ("product", "variant"):
            thing = getattr(self, name)
            if thing and self.brand_id and thing.brand_id != self.brand_id:
                raise ValidationError({name: ValidationError(_("This belongs to another brand."), "other_brand")})

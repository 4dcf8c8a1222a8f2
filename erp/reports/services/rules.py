"""When to reorder, and up to how many."""

from __future__ import annotations

from django.db import transaction

from catalog.models import Brand, Category, Product, Variant
from catalog.services.saving import save_clean
from erp.reports.models import ReorderRule


@transaction.atomic
def set_rule(
    *,
    brand: Brand,
    point: int,
    target: int,
    category: Category | None = None,
    product: Product | None = None,
    variant: Variant | None = None,
) -> ReorderRule:
    """The rule of one thing, or (none given) of all; one that exists takes the new numbers.

    Raises DomainError with a problem for each field that needs mending.
    """
    things = {"category": category, "product": product, "variant": variant}
    found = ReorderRule.objects.select_for_update().filter(brand=brand, **things).order_by("pk").first()
    rule = found or ReorderRule(brand=brand, **things)
    rule.point, rule.target = point, target
    save_clean(rule)
    return rule


@transaction.atomic
def remove_rule(*, rule: ReorderRule) -> None:
    """What it was for goes by the next less specific rule. Removed before: nothing happens."""
    ReorderRule.objects.filter(pk=rule.pk).delete()

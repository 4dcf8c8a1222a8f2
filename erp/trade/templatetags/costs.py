"""Costs of pieces in templates."""

from collections.abc import Sequence
from decimal import Decimal

from django import template

from erp.trade.words import cost_text, cost_words

register = template.Library()


@register.filter
def unit_cost(amount: Decimal | None, currency: str) -> str:
    """`cost|unit_cost:"KRW"`: with all the decimals it has."""
    return "–" if amount is None else cost_text(amount, currency)


@register.filter
def unit_costs(costs: Sequence[Decimal], currency: str) -> str:
    """One cost, or the lowest and the highest."""
    return cost_words(costs, currency) if costs else "–"

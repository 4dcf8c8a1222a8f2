"""Amounts as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.formats import number_format

from erp.core.money import SYMBOLS, decimals_of


def cost_text(amount: Decimal, currency: str) -> str:
    """A cost of one piece: with as many decimals as it has, and no fewer than its currency."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(decimals_of(currency), -exponent if isinstance(exponent, int) else 0)
    return SYMBOLS.get(currency, f"{currency} ") + number_format(
        amount, decimal_pos=places, use_l10n=True, force_grouping=True
    )


def cost_words(costs: Sequence[Decimal], currency: str) -> str:
    """One cost, or the lowest and the highest of several."""
    ends = [costs[0], costs[-1]] if len(set(costs)) > 1 else list(costs[:1])
    return "–".join(cost_text(cost, currency) for cost in ends)

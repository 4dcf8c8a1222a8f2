"""What a new channel begins with, by marketplace: what is right for most, and can be changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalog.models import Brand
from catalog.models.brand import Currency
from erp.channels.formats.template import Column
from erp.channels.models import Channel, Export
from erp.channels.models.channels import Language
from erp.channels.templates import template_for
from erp.core.money import decimals_of

Kind = Channel.Kind
KOREAN = {"language": Language.KOREAN, "currency": Currency.KRW, "price_step": Decimal(10)}
OVERSEAS = {"language": Language.ENGLISH, "currency": Currency.USD, "price_step": Decimal("0.01")}
BY_KIND: dict[str, dict[str, Any]] = {
    Kind.SMARTSTORE: KOREAN,
    Kind.CAFE24: KOREAN,
    Kind.QOO10: {"language": Language.JAPANESE, "currency": Currency.JPY, "price_step": Decimal(10)},
    Kind.SHOPEE: OVERSEAS,
    Kind.SHAKALAKA: OVERSEAS,
    Kind.SHOPIFY: {"language": Language.ENGLISH},
    Kind.GOOGLE: {},
    Kind.GENERIC: {},
}


def channel_defaults(brand: Brand, kind: str) -> dict[str, Any]:
    """The brand's own language and currency where the marketplace does not ask for another."""
    chosen = {"language": Language.KOREAN, "currency": brand.currency, "name": str(Kind(kind).label)} | BY_KIND[kind]
    step = Decimal(100) if chosen["currency"] == Currency.KRW else Decimal(1).scaleb(-decimals_of(chosen["currency"]))
    found = {"price_step": step, "rounding": Channel.Rounding.UP, "price_plus": Decimal(0), "share": 100, "buffer": 0}
    found |= chosen
    # What one won is in yen only the person knows.
    found["price_factor"] = Decimal(1) if found["currency"] == brand.currency else None
    return found


def own_columns(channel: Channel) -> list[Column]:
    """The columns that nothing of ours fills: people say what stands there. Required ones first, then those that
    marketplaces have a list or a usual value for. Of the file of stock only the required ones: it has no others."""
    free = [column for column in template_for(channel).columns if not column.value]
    known = {column.header for column in free}
    stock = template_for(channel, Export.What.STOCK).columns
    free += [column for column in stock if column.required and not column.value and column.header not in known]
    return sorted(free, key=lambda column: (not column.required, not (column.allowed or column.default)))

"""Packs (고미): what of a product is sold as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Product, Variant
from catalog.services.saving import save_clean
from erp.core.errors import DomainError, Problem
from erp.core.money import decimals_of
from erp.core.templatetags.jangbu import money
from erp.inventory.services.lines import quantity_message
from erp.trade.models import Pack, PackLine
from erp.trade.services.amounts import money_problems


@transaction.atomic
def save_pack(
    *,
    product: Product,
    name: str,
    quantities: Mapping[int, int],
    code: str = "",
    price: Decimal | None = None,
    is_active: bool = True,
    pack: Pack | None = None,
) -> Pack:
    """Makes a pack of a product, or changes one: `quantities` are its pieces by variant id.

    Orders keep what they were placed with. Raises DomainError; a problem's `line` is a place among `quantities`.
    """
    if pack is None:
        pack = Pack(brand=product.brand, product=product)
    else:
        pack = Pack.objects.select_for_update(of=("self",), no_key=True).select_related("brand").get(pk=pack.pk)
    pack.name, pack.code, pack.price, pack.is_active = name.strip(), code.strip(), price, is_active
    own = set(Variant.objects.filter(product=product, pk__in=quantities).values_list("pk", flat=True))
    problems = [*_line_problems(quantities, own), *_code_problems(pack)]
    if price is not None:
        problems += _price_problems(price, sum(quantities.values()) if own else 0, product.brand.currency)
    if problems:
        raise DomainError(problems[0].code, _("The pack was not saved, for the reasons below."), problems)
    save_clean(pack)
    pack.lines.all().delete()
    PackLine.objects.bulk_create(
        PackLine(pack=pack, variant_id=variant, quantity=quantity) for variant, quantity in quantities.items()
    )
    return pack


def _line_problems(quantities: Mapping[int, int], own: set[int]) -> Iterator[Problem]:
    if not quantities:
        yield Problem("no_lines", _("There is nothing in this pack. Type how many pieces of each it has."), "lines")
    for line, (pk, quantity) in enumerate(quantities.items(), start=1):
        if pk not in own:
            yield Problem("unknown_variant", _("A pack holds pieces of one product only."), "variant", line)
        if message := quantity_message(quantity):
            yield Problem("invalid_quantity", message, "quantity", line)


def _code_problems(pack: Pack) -> Iterator[Problem]:
    """A scanner that reads the code must mean the pack and nothing else."""
    if pack.code and Variant.objects.of(pack.brand).of_code(pack.code.upper()).exists():
        message = _("A single piece has this code. Give the pack one of its own.")
        yield Problem("code_of_variant", message, "code")


def _price_problems(price: Decimal, pieces: int, currency: str) -> Iterator[Problem]:
    """Slips name what one piece costs, so a pack's price divides into pieces without a rest."""
    wrong = list(money_problems(price, currency, "price"))
    yield from wrong
    if not wrong and price < 0:
        yield Problem("negative", _("A price is 0 or more."), "price")
    elif not wrong and pieces:
        least = Decimal(10) ** -decimals_of(currency)
        step = least * pieces
        if price % step:
            near = price - price % step
            words = {"price": money(price, currency), "pieces": pieces}
            words |= {"less": money(near, currency), "more": money(near + step, currency)}
            message = _("%(price)s does not divide into %(pieces)s pieces. Take %(less)s or %(more)s.")
            yield Problem("indivisible", message % words, "price")

"""Partners and the shops that goods are delivered to for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Brand
from catalog.services.saving import assign, save_clean
from erp.core.errors import Problem
from erp.core.models import touch
from erp.trade.models import DeliverTo, Partner
from erp.trade.services.amounts import money_problems

FIELDS = frozenset(
    {
        "name", "kind", "is_supplier", "is_buyer", "phone", "address", "business_number", "note", "credit_limit",
        "is_active",
    }
)  # fmt: skip
SHOP_FIELDS = frozenset({"name", "phone", "address", "is_active"})


@transaction.atomic
def create_partner(*, brand: Brand, **fields: Any) -> Partner:
    """Somebody to buy from, to sell to, or to lend to. Raises DomainError with a problem for each field."""
    partner = Partner(brand=brand)
    assign(partner, FIELDS, fields)
    save_clean(partner, also=_limit_problems(partner))
    return partner


@transaction.atomic
def update_partner(*, partner: Partner, **fields: Any) -> Partner:
    """Changes what is known of a partner. What they owe stays: see `services.accounts`."""
    partner = Partner.objects.select_for_update(of=("self",), no_key=True).select_related("brand").get(pk=partner.pk)
    assign(partner, FIELDS, fields)
    save_clean(partner, fields.keys(), also=_limit_problems(partner))
    return partner


@transaction.atomic
def create_shop(*, partner: Partner, **fields: Any) -> DeliverTo:
    shop = DeliverTo(partner=partner)
    assign(shop, SHOP_FIELDS, fields)
    save_clean(shop)
    touch(Partner.objects.filter(pk=partner.pk))
    return shop


@transaction.atomic
def update_shop(*, shop: DeliverTo, **fields: Any) -> DeliverTo:
    """Changes a shop, or closes it: papers go on naming it."""
    shop = DeliverTo.objects.select_for_update(no_key=True).get(pk=shop.pk)
    assign(shop, SHOP_FIELDS, fields)
    save_clean(shop)
    touch(Partner.objects.filter(pk=shop.partner_id))
    return shop


def _limit_problems(partner: Partner) -> list[Problem]:
    limit = partner.credit_limit
    if not isinstance(limit, Decimal):
        return []
    problems = list(money_problems(limit, partner.brand.currency, "credit_limit"))
    if not problems and limit < 0:
        problems.append(Problem("negative", _("A credit limit is 0 or more. Blank: no limit."), "credit_limit"))
    return problems

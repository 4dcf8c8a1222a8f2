"""Consignment: goods that lie at a partner are still ours, until the partner reports them sold."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand, Variant
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.models import Location, Posting
from erp.inventory.services import reverse_posting, ship, transfer
from erp.inventory.services.places import create_location, update_location
from erp.trade.models import ConsignmentSale, Partner, Slip, SlipLine
from erp.trade.services.numbers import paper_number
from erp.trade.services.once import check_key, fingerprint_of, once
from erp.trade.services.slip_reversal import take_back_slip
from erp.trade.services.slips import SlipEntry, issue_slip

SERIES = "CS"


@transaction.atomic
def ensure_place(*, partner: Partner) -> Location:
    """Our place at a partner, made when goods first go there, and opened again where it was closed."""
    partner = Partner.objects.select_for_update(of=("self",), no_key=True).select_related("brand").get(pk=partner.pk)
    if partner.location is None:
        partner.location = create_location(
            brand=partner.brand,
            code=_free_code(partner),
            kind=Location.Kind.CONSIGNMENT,
            name_ko=partner.name,
            position=900,
        )
        partner.save(update_fields=["location", "updated_at"])
    elif not partner.location.is_active:
        partner.location = update_location(location=partner.location, is_active=True)
    return partner.location


def _free_code(partner: Partner) -> str:
    """An owner may have given the code to another place already."""
    wanted = f"{SERIES}{partner.pk}"
    taken = Location.objects.of(partner.brand_id).filter(code=wanted).exists()
    return f"{wanted}_{uuid.uuid4().hex[:6]}" if taken else wanted


@transaction.atomic
def place_goods(
    *,
    partner: Partner,
    source: Location,
    quantities: Mapping[int, int],
    actor: User,
    idempotency_key: str,
    note: str = "",
) -> Posting:
    """Pieces (by variant id) go from a place of ours to the partner. They stay ours."""
    place = ensure_place(partner=partner)
    return transfer(
        brand=partner.brand, source=source, destination=place, quantities=quantities, actor=actor, note=note,
        idempotency_key=idempotency_key, reference=partner.name[:80],
    )  # fmt: skip


@transaction.atomic
def take_goods_back(
    *,
    partner: Partner,
    destination: Location,
    quantities: Mapping[int, int],
    actor: User,
    idempotency_key: str,
    note: str = "",
) -> Posting:
    """Pieces come back from the partner to a place of ours."""
    return transfer(
        brand=partner.brand, source=_place(partner), destination=destination, quantities=quantities, actor=actor,
        note=note, idempotency_key=idempotency_key, reference=partner.name[:80],
    )  # fmt: skip


def _place(partner: Partner) -> Location:
    if partner.location is None:
        message = _("Nothing lies with %(partner)s yet. Send goods there first.") % {"partner": partner.name}
        raise DomainError("no_goods", message, [Problem("no_goods", message, "partner")])
    return partner.location


def report_sold(
    *,
    partner: Partner,
    quantities: Mapping[int, int],
    unit_prices: Mapping[int, Decimal],
    actor: User,
    idempotency_key: str,
    paid: Decimal = Decimal(0),
    method: str = "cash",
    note: str = "",
) -> ConsignmentSale:
    """The partner sold pieces: they leave their place, and a slip bills them at the agreed prices by variant id.

    The same key with the same content answers the first report, `replayed`. Raises DomainError naming lines from 1.
    """
    check_key(idempotency_key)
    brand, place = partner.brand, _place(partner)
    if problems := _unpriced(quantities, unit_prices):
        raise DomainError("no_price", problems[0].message, problems)
    sums = sorted((pk, price.normalize()) for pk, price in unit_prices.items())
    content = fingerprint_of(partner.pk, list(quantities.items()), sums, paid.normalize(), str(method), note)

    def write() -> ConsignmentSale:
        number = paper_number(brand=brand, series=SERIES)
        heading: dict[str, Any] = {
            "actor": actor,
            "idempotency_key": f"consignment:{number}",
            "reference": number,
            "note": note,
        }
        posting = ship(brand=brand, location=place, quantities=quantities, **heading)
        slip = issue_slip(
            buyer=partner,
            kind=Slip.Kind.SALE,
            entries=_entries(brand, quantities, unit_prices),
            actor=actor,
            idempotency_key=f"consignment:{posting.public_id}",
            posting=posting,
            paid=paid,
            method=method,
            note=note,
        )
        return ConsignmentSale.objects.create(
            brand=brand, number=number, partner=partner, posting=posting, slip=slip, note=note, created_by=actor,
            idempotency_key=idempotency_key, fingerprint=content,
        )  # fmt: skip

    return once(ConsignmentSale.objects.of(brand).filter(idempotency_key=idempotency_key).first, content, write)


def _unpriced(quantities: Mapping[int, int], prices: Mapping[int, Decimal]) -> list[Problem]:
    return [
        Problem("no_price", _("Type what one piece costs."), "unit_price", line)
        for line, pk in enumerate(quantities, start=1)
        if prices.get(pk) is None
    ]


def _entries(brand: Brand, quantities: Mapping[int, int], prices: Mapping[int, Decimal]) -> list[SlipEntry]:
    variants = Variant.objects.of(brand).in_bulk(quantities)
    return [SlipEntry(variants[pk], SlipLine.Kind.SOLD, n, prices[pk]) for pk, n in quantities.items()]


@transaction.atomic
def take_back_sale(*, sale: ConsignmentSale, actor: User, reason: str = "") -> ConsignmentSale:
    """The report was wrong: the goods lie with the partner again, without the slip. Again, it does nothing."""
    rows = ConsignmentSale.objects.select_for_update(of=("self",), no_key=True)
    sale = rows.select_related("brand", "posting", "slip__buyer", "slip__brand").get(pk=sale.pk)
    if sale.taken_back_at:
        sale.replayed = True
        return sale
    # Said first: the guard of the ledger lets a posting go that is being taken back.
    sale.taken_back_at = timezone.now()
    sale.save(update_fields=["taken_back_at", "updated_at"])
    key = f"consignment:{sale.posting.public_id}:back"
    reversal = reverse_posting(
        posting=sale.posting, actor=actor, idempotency_key=key, reference=sale.number, note=reason
    )
    take_back_slip(slip=sale.slip, actor=actor, idempotency_key=key, posting=reversal, note=reason)
    return sale

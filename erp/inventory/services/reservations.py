"""Holding stock for a paper: available = on hand - reserved, and nothing is promised twice or given back twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem, idempotency_conflict
from erp.core.models import User
from erp.inventory.models import Location, Reservation
from erp.inventory.querysets import ReservationQuerySet
from erp.inventory.services.holds import not_held
from erp.inventory.services.lines import MAX_LINES, Line, is_id, quantity_message, text_problems, too_many_lines
from erp.inventory.services.shortages import shortage_problems
from erp.inventory.services.walk import Short
from erp.inventory.signals import tell_change
from erp.inventory.sql.locks import Spot
from erp.inventory.sql.postings import Known, known_to
from erp.inventory.sql.reservations import Taken, free_under_lock, give_back, insert_reservations
from erp.inventory.sql.reservations import hold as hold_balances

# Where goods can be promised from: what is defective, or lies at a partner, is not for anybody's order.
HELD_AT = (Location.Kind.WAREHOUSE, Location.Kind.SHOP)
EXPIRED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """So many pieces of a variant at one place; `line` is the number refusals name, the place among all claims unless
    given."""

    variant_id: int
    quantity: int
    location_id: int
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Claims that are met together or not at all, such as an order's."""

    claims: Sequence[Claim]
    idempotency_key: str
    expires_at: datetime | None = None


Numbered = tuple[int, Claim]


def reserve(
    *,
    brand: Brand,
    claims: Sequence[Claim],
    actor: User,
    idempotency_key: str,
    reference: str = "",
    expires_at: datetime | None = None,
    partial: bool = False,
) -> list[Reservation]:
    """Holds all of the claims, or refuses them naming each that is short. `partial` holds what is there of each.

    The same key again gives the reservations it made the first time. Holds whose time is over give way when there is
    too little without them.
    """
    problems = list(_heading_problems(claims, reference, idempotency_key))
    if problems:
        raise DomainError(problems[0].code, problems[0].message, problems)
    numbered = [(claim.line or place, claim) for place, claim in enumerate(claims, start=1)]
    model = Reservation(
        brand=brand, actor=actor, idempotency_key=idempotency_key, reference=reference, expires_at=expires_at
    )
    for last_try in (False, True):
        with transaction.atomic():
            known = known_to(brand.pk, {claim.variant_id for claim in claims if is_id(claim.variant_id)})
            _refuse(_claim_problems(numbered, known))
            taken = hold_balances(_sums(numbered), partial=partial)
            shorts = _shorts(numbered, taken, partial=partial)
            others_expired = bool(shorts) and not last_try and _expired(brand, shorts).exists()
            if not others_expired and (partial or not shorts) and (made := _write(model, numbered, taken)):
                tell_change(brand.pk, {row.variant_id for row in made})
                return made
            transaction.set_rollback(True)  # what was held is let go before anything else is locked
        # A request with the same key at the same moment has committed by now: we waited for its locks.
        if repeated := _made_before(brand, idempotency_key, numbered, partial=partial):
            return repeated
        if others_expired:
            release_expired(brand=brand, variants={short.line.variant_id for short in shorts})
        elif not partial:
            _refuse(shortage_problems(shorts, known.variants))
        else:
            break
    return []


@transaction.atomic
def reserve_many(
    *, brand: Brand, holds: Sequence[Hold], actor: User, reference_of: Callable[[int], str]
) -> list[list[Problem]]:
    """Meets each hold whole, in their order, as far as there is stock; gives what was wrong with each, [] where it is
    held. `reference_of` names the paper of a hold, by its place, once it is met.

    A key that was used before is a DomainError `idempotency_conflict`, and nothing is held then.
    """
    numbered = [[(claim.line or place, claim) for place, claim in enumerate(h.claims, start=1)] for h in holds]
    known = known_to(brand.pk, {c.variant_id for hold in holds for c in hold.claims if is_id(c.variant_id)})
    problems = [
        [*_heading_problems(hold.claims, "", hold.idempotency_key), *_claim_problems(claims, known)]
        for hold, claims in zip(holds, numbered, strict=True)
    ]
    spots = {spot for claims, wrong in zip(numbered, problems, strict=True) if not wrong for spot in _sums(claims)}
    free = free_under_lock(spots)
    rows: list[Reservation] = []
    for place, (hold, claims) in enumerate(zip(holds, numbered, strict=True)):
        if problems[place]:
            continue
        shorts = list(_shorts_of(claims, free))
        if shorts:
            problems[place] = list(shortage_problems(shorts, known.variants))
            continue
        model = Reservation(
            brand=brand,
            actor=actor,
            idempotency_key=hold.idempotency_key,
            reference=reference_of(place),
            expires_at=hold.expires_at,
        )
        for number, claim in claims:
            row = copy(model)
            row.variant_id, row.location_id, row.quantity, row.line = (
                claim.variant_id, claim.location_id, claim.quantity, number,
            )  # fmt: skip
            rows.append(row)
            free[claim.variant_id, claim.location_id] -= claim.quantity
    if rows:
        hold_all = _sums([(row.line, Claim(row.variant_id, row.quantity, row.location_id)) for row in rows])
        hold_balances(hold_all, partial=False)
        if not insert_reservations(rows):
            raise idempotency_conflict()
        tell_change(brand.pk, {row.variant_id for row in rows})
    return problems


@transaction.atomic
def release(*, brand: Brand, quantities: Mapping[int, int | None]) -> dict[int, int]:
    """Gives back so many pieces of each reservation (None: all that is open) and answers how many, by reservation.

    Exactly once: more than is open is refused with `not_held`, and nothing is given back then. None of a reservation
    that holds nothing any more gives 0.
    """
    found = give_back(brand.pk, quantities, timezone.now())
    problems = [
        not_held(line, quantity or 0, found.get(pk))
        for line, (pk, quantity) in enumerate(quantities.items(), start=1)
        if pk not in found
        or found[pk].brand_id != brand.pk
        or (quantity is not None and not 0 < quantity <= found[pk].open)
    ]
    if problems:
        raise DomainError("not_held", _("Nothing was released, for the reasons below."), problems, status=409)
    tell_change(brand.pk, {row.variant_id for row in found.values()})
    return {pk: row.taken for pk, row in found.items()}


def release_expired(*, brand: Brand | None = None, variants: Iterable[int] | None = None) -> int:
    """Gives back every hold whose time is over, and answers how many there were. Safe for two at once."""
    rows = Reservation.objects.expired(timezone.now())
    if brand is not None:
        rows = rows.of(brand)
    if variants is not None:
        rows = rows.filter(variant__in=list(variants))
    count = 0
    by_brand: defaultdict[int, list[int]] = defaultdict(list)
    for pk, brand_id in rows.order_by("pk").values_list("pk", "brand_id")[:EXPIRED_AT_ONCE]:
        by_brand[brand_id].append(pk)
    for found in Brand.objects.filter(pk__in=by_brand):
        count += sum(1 for n in release(brand=found, quantities=dict.fromkeys(by_brand[found.pk])).values() if n)
    return count


def _made_before(brand: Brand, key: str, claims: Sequence[Numbered], *, partial: bool) -> list[Reservation]:
    """The reservations of a key; a DomainError where it was used for other claims. A part of each may be held."""
    found = list(Reservation.objects.of(brand).filter(idempotency_key=key).order_by("line", "pk"))
    asked = dict(claims)
    for row in found:
        claim = asked.get(row.line)
        if not claim or (row.variant_id, row.location_id) != (claim.variant_id, claim.location_id):
            raise idempotency_conflict()
        if row.quantity > claim.quantity or not partial and row.quantity < claim.quantity:
            raise idempotency_conflict()
    if found and not partial and len(found) < len(claims):
        raise idempotency_conflict()
    return found


def _expired(brand: Brand, shorts: Iterable[Short]) -> ReservationQuerySet:
    variants = {short.line.variant_id for short in shorts}
    return Reservation.objects.of(brand).expired(timezone.now()).filter(variant__in=variants)


def _refuse(problems: Iterable[Problem]) -> None:
    ordered = sorted(problems, key=lambda problem: problem.line or 0)
    if ordered:
        codes = {problem.code for problem in ordered}
        message = _("Nothing was reserved. Mend the lines named below and send it again.")
        raise DomainError(codes.pop() if len(codes) == 1 else "lines_refused", message, ordered)


def _heading_problems(claims: Sequence[Claim], reference: str, key: str) -> Iterator[Problem]:
    yield from text_problems(reference, "")
    if not key or len(key) > 80:
        yield Problem("invalid_key", _("Send an idempotency key of 1 to 80 characters."), "idempotency_key")
    if not claims:
        yield Problem("no_lines", _("There is nothing to reserve. Enter at least one quantity."), "lines")
    if len(claims) > MAX_LINES:
        yield too_many_lines()


def _claim_problems(claims: Sequence[Numbered], known: Known) -> Iterator[Problem]:
    for number, claim in claims:
        place = known.places.get(claim.location_id)
        if not is_id(claim.variant_id) or claim.variant_id not in known.variants:
            message = _("There is no such variant. Check the SKU or scan the barcode again.")
            yield Problem("unknown_variant", message, "variant", number)
        if message := quantity_message(claim.quantity):
            yield Problem("invalid_quantity", message, "quantity", number)
        if place is None or place.kind not in HELD_AT or not place.is_active:
            message = _("Goods can be reserved at an open warehouse or shop of yours only.")
            yield Problem("unknown_location", message, "source", number)


def _sums(claims: Sequence[Numbered]) -> dict[Spot, int]:
    wanted: defaultdict[Spot, int] = defaultdict(int)
    for _number, claim in claims:
        wanted[claim.variant_id, claim.location_id] += claim.quantity
    return dict(wanted)


def _shorts(claims: Sequence[Numbered], taken: Mapping[Spot, Taken], *, partial: bool) -> list[Short]:
    """The claims that are not met, each judged after those before it."""
    used: defaultdict[Spot, int] = defaultdict(int)
    shorts = []
    for number, claim in claims:
        spot = (claim.variant_id, claim.location_id)
        there = taken.get(spot, Taken(0, 0, 0))
        available = there.on_hand - there.reserved - used[spot]
        if claim.quantity > available:
            line = Line(claim.variant_id, claim.quantity, claim.location_id, "customer")
            shorts.append(Short(number, line, claim.location_id, max(available, 0), there.reserved))
        if partial or claim.quantity <= available:
            used[spot] += min(claim.quantity, max(available, 0))
    return shorts


def _shorts_of(claims: Sequence[Numbered], free: Mapping[Spot, int]) -> Iterator[Short]:
    """The claims that what is free does not meet, each judged after those before it."""
    used: defaultdict[Spot, int] = defaultdict(int)
    for number, claim in claims:
        spot = (claim.variant_id, claim.location_id)
        available = free.get(spot, 0) - used[spot]
        if claim.quantity > available:
            line = Line(claim.variant_id, claim.quantity, claim.location_id, "customer")
            yield Short(number, line, claim.location_id, max(available, 0), 0)
        used[spot] += claim.quantity


def _write(model: Reservation, claims: Sequence[Numbered], taken: Mapping[Spot, Taken]) -> list[Reservation]:
    """The rows of what was taken, shared out in the order of the claims; none where the key was used before."""
    left = {spot: there.taken for spot, there in taken.items()}
    rows = []
    for number, claim in claims:
        spot = (claim.variant_id, claim.location_id)
        quantity = min(claim.quantity, left.get(spot, 0))
        if quantity:
            left[spot] -= quantity
            row = copy(model)
            row.variant_id, row.location_id, row.quantity, row.line = *spot, quantity, number
            rows.append(row)
    return rows if rows and insert_reservations(rows) else []

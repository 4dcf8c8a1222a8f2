"""Holding and releasing stock without a paper, as clients of the API do. What a paper holds, the paper releases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.models import Reservation
from erp.inventory.services.reservations import Claim, release, reserve
from erp.inventory.signals import holding_by_hand


@transaction.atomic
def reserve_by_hand(
    *,
    brand: Brand,
    claims: Sequence[Claim],
    actor: User,
    idempotency_key: str,
    reference: str = "",
    expires_at: datetime | None = None,
    partial: bool = False,
) -> list[Reservation]:
    """`reserve`, refused where the reference is the number of a paper, which would take the pieces for its own."""
    holding_by_hand.send(Reservation, brand=brand, reference=reference)
    made_before = Reservation.objects.of(brand).filter(idempotency_key=idempotency_key)
    if expires_at is not None and expires_at <= timezone.now() and not made_before.exists():
        message = _("This time is over already. Choose a later one.")
        raise DomainError("in_the_past", message, [Problem("in_the_past", message, "expires_at")])
    return reserve(
        brand=brand,
        claims=claims,
        actor=actor,
        idempotency_key=idempotency_key,
        reference=reference,
        expires_at=expires_at,
        partial=partial,
    )


@transaction.atomic
def release_by_hand(*, reservation: Reservation, quantity: int | None = None, seen_open: int | None = None) -> int:
    """Gives back so many pieces, or all that is open, and answers how many.

    A part is given back only while as many are open as whoever asks has seen: a request that is repeated, or comes
    after another's, gives back nothing.
    """
    holding_by_hand.send(Reservation, brand=reservation.brand, reference=reservation.reference)
    if quantity is not None:
        now_open = Reservation.objects.select_for_update(no_key=True).get(pk=reservation.pk).open
        if seen_open is None:
            message = _("Say how many were open when you looked, so that a repetition gives back nothing.")
            raise DomainError("required", message, [Problem("required", message, "open")])
        if seen_open != now_open:
            message = _("%(open)s are open now. Load the reservation again, then decide.") % {"open": now_open}
            raise DomainError("changed", message, [Problem("changed", message, "open")], status=409)
    return release(brand=reservation.brand, quantities={reservation.pk: quantity})[reservation.pk]

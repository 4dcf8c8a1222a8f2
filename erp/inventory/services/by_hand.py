"""Holding and releasing stock without a paper, as clients of the API do. What a paper holds, the paper releases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.models import Brand
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
def release_by_hand(*, reservation: Reservation, quantity: int | None = None) -> int:
    """Gives back so many pieces, or all that is open, and answers how many."""
    holding_by_hand.send(Reservation, brand=reservation.brand, reference=reservation.reference)
    return release(brand=reservation.brand, quantities={reservation.pk: quantity})[reservation.pk]

"""Orders that a client sends many at a time: the same key twice is one batch, the same number twice one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from erp.channels.formats.orders import SaidOrder
from erp.channels.models import Channel, OrderBatch
from erp.channels.services.intake import Taken, take_orders_in
from erp.core.models import User
from erp.trade.services.once import check_key, fingerprint_of, once


@dataclass(frozen=True, slots=True)
class TakenBatch:
    """What became of each order. `replayed`: the batch was sent before."""

    taken: list[Taken]
    replayed: bool


def take_batch(*, channel: Channel, said: Sequence[SaidOrder], actor: User, idempotency_key: str) -> TakenBatch:
    """Takes in orders of different numbers, each by itself.

    The key is noted first and orders go by their numbers: whoever was cut off sends the batch again, and what was not
    reached is taken in then. Raises DomainError `invalid_key`, `idempotency_conflict` (409).
    """
    check_key(idempotency_key)
    content = fingerprint_of(*said)
    batch = once(
        lambda: OrderBatch.objects.filter(channel=channel, idempotency_key=idempotency_key).first(),
        content,
        lambda: OrderBatch.objects.create(
            channel=channel,
            idempotency_key=idempotency_key,
            fingerprint=content,
            created_by=actor,
            orders_count=len(said),
        ),
    )
    return TakenBatch(take_orders_in(channel=channel, said=said, actor=actor), batch.replayed)

"""What the ledger tells the papers above it, inside its own transaction: a paper follows its posting, or refuses."""

from collections.abc import Collection

from django.db import transaction
from django.dispatch import Signal

# `posting` is about to be taken back and nothing is locked yet: its paper takes its lock first, as everywhere.
# A receiver refuses by raising a DomainError.
reversing = Signal()
# All or a part of `posting` was taken back by `reversal`.
reversed_by = Signal()
# Stock of `brand` is about to be held or released under `reference` by somebody who names no paper. A receiver whose
# paper has that number refuses by raising a DomainError.
holding_by_hand = Signal()
# After the commit of a posting, a hold or a release: what is free of `variants` (ids) of `brand_id` changed.
stock_changed = Signal()


def tell_change(brand_id: int, variants: Collection[int]) -> None:
    """Sends `stock_changed` once the present transaction is committed. What a receiver fails at fails alone."""
    if variants and stock_changed.has_listeners():
        transaction.on_commit(lambda: stock_changed.send(None, brand_id=brand_id, variants=variants), robust=True)

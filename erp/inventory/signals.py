"""What the ledger tells the papers above it, inside its own transaction: a paper follows its posting, or refuses."""

from django.dispatch import Signal

# `posting` is about to be taken back and nothing is locked yet: its paper takes its lock first, as everywhere.
# A receiver refuses by raising a DomainError.
reversing = Signal()
# All or a part of `posting` was taken back by `reversal`.
reversed_by = Signal()
# Stock of `brand` is about to be held or released under `reference` by somebody who names no paper. A receiver whose
# paper has that number refuses by raising a DomainError.
holding_by_hand = Signal()

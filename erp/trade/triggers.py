"""The database triggers that keep accounts and slips append-only.

A migration that rebuilds one of their tables puts them back: see `erp.core.append_only`.
"""

from __future__ import annotations

from erp.core.append_only import Guard

TABLES = ("trade_accountentry", "trade_slip", "trade_slipline")
REFUSAL = "Accounts and slips are append-only: write one against it instead."

guard = Guard("trade", TABLES, REFUSAL)
install, remove, lifted = guard.install, guard.remove, guard.lifted

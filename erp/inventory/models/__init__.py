"""The ledger: where stock is, every movement of it, and what follows from the movements."""

from erp.inventory.models.balances import Balance, Reservation
from erp.inventory.models.costs import CostEntry, VariantCost
from erp.inventory.models.movements import MovementKind, Posting, StockMovement
from erp.inventory.models.places import Location
from erp.inventory.models.proofs import DaySeal, LedgerCheck, PeriodClose

__all__ = [
    "Balance",
    "CostEntry",
    "DaySeal",
    "LedgerCheck",
    "Location",
    "MovementKind",
    "PeriodClose",
    "Posting",
    "Reservation",
    "StockMovement",
    "VariantCost",
]

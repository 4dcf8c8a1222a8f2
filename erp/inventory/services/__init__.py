"""Every write to the ledger, and to what is held of it."""

from erp.inventory.services.counting import Count, count_stock
from erp.inventory.services.lines import MAX_LINES, MAX_QUANTITY, Line
from erp.inventory.services.locations import ensure_locations
from erp.inventory.services.operations import adjust, post_opening, receive, ship, transfer
from erp.inventory.services.posting import Heading, post_movements
from erp.inventory.services.reservations import Claim, Hold, release, release_expired, reserve, reserve_many
from erp.inventory.services.reversal import reverse_movement, reverse_posting

__all__ = [
    "MAX_LINES",
    "MAX_QUANTITY",
    "Claim",
    "Count",
    "Heading",
    "Hold",
    "Line",
    "adjust",
    "count_stock",
    "ensure_locations",
    "post_movements",
    "post_opening",
    "receive",
    "release",
    "release_expired",
    "reserve",
    "reserve_many",
    "reverse_movement",
    "reverse_posting",
    "ship",
    "transfer",
]

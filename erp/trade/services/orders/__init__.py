"""Every step of an order. Each locks the order first, and is taken once."""

from erp.trade.services.orders.add import add_to_order
from erp.trade.services.orders.arrivals import Proposal, allocate, offer_arrivals
from erp.trade.services.orders.cancel import cancel_order, confirm_order, expire_order, expire_orders
from erp.trade.services.orders.entries import Entry
from erp.trade.services.orders.many import Outcome, Wanted, take_orders
from erp.trade.services.orders.place import pick_order, place_order, reserve_waiting
from erp.trade.services.orders.sell import Shipped, sell_now, sell_order, ship_orders, take_order
from erp.trade.services.orders.ship import Shortage, ship_order
from erp.trade.services.orders.write import create_order, update_order

__all__ = [
    "Entry",
    "Outcome",
    "Proposal",
    "Shipped",
    "Shortage",
    "Wanted",
    "add_to_order",
    "allocate",
    "cancel_order",
    "confirm_order",
    "take_order",
    "take_orders",
    "create_order",
    "expire_order",
    "expire_orders",
    "offer_arrivals",
    "pick_order",
    "place_order",
    "reserve_waiting",
    "sell_now",
    "sell_order",
    "ship_order",
    "ship_orders",
    "update_order",
]

"""Every write to purchase orders and their deliveries."""

from erp.trade.services.purchases.lines import PurchaseEntry
from erp.trade.services.purchases.receive import Arrival, receive_delivery, take_back_delivery
from erp.trade.services.purchases.steps import cancel_purchase, close_purchase, order_purchase, reopen_purchase
from erp.trade.services.purchases.write import PurchaseHeading, create_purchase, update_purchase

__all__ = [
    "Arrival",
    "PurchaseEntry",
    "PurchaseHeading",
    "cancel_purchase",
    "close_purchase",
    "create_purchase",
    "order_purchase",
    "receive_delivery",
    "reopen_purchase",
    "take_back_delivery",
    "update_purchase",
]

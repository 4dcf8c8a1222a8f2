"""The papers that move stock and money: partners and their accounts, purchase orders, orders, slips, returns, loans."""

from erp.trade.models.accounts import Account, AccountEntry
from erp.trade.models.consignment import ConsignmentSale
from erp.trade.models.numbers import Counter
from erp.trade.models.orders import Channel, Order, OrderLine
from erp.trade.models.packs import Pack, PackLine
from erp.trade.models.partners import DeliverTo, Partner
from erp.trade.models.purchases import Delivery, DeliveryLine, PurchaseLine, PurchaseOrder
from erp.trade.models.returns import ReturnLine, ReturnNote
from erp.trade.models.samples import Loan, LoanEvent, LoanLine
from erp.trade.models.shipments import OrderEvent, Shipment, ShipmentLine
from erp.trade.models.slips import Slip, SlipLine

__all__ = [
    "Account",
    "AccountEntry",
    "Channel",
    "ConsignmentSale",
    "Counter",
    "DeliverTo",
    "Delivery",
    "DeliveryLine",
    "Loan",
    "LoanEvent",
    "LoanLine",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Pack",
    "PackLine",
    "Partner",
    "PurchaseLine",
    "PurchaseOrder",
    "ReturnLine",
    "ReturnNote",
    "Shipment",
    "ShipmentLine",
    "Slip",
    "SlipLine",
]

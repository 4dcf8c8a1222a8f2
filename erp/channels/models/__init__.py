"""Marketplaces: accounts, listings on them, what was sent, what was ordered."""

from erp.channels.models.batches import OrderBatch
from erp.channels.models.channels import Channel, Credential, FileTemplate
from erp.channels.models.exports import Export, ExportFinding, ExportLine, ExportShipment
from erp.channels.models.hooks import WebhookDelivery, WebhookEndpoint
from erp.channels.models.intake import ChannelOrder, ChannelOrderLine, SkuMatch
from erp.channels.models.listings import ChannelListing, ListingFinding, ListingVariant
from erp.channels.models.live import Connection, Inbound, Push
from erp.channels.models.mappings import AttributeMatch, CategoryMatch, DescriptionTemplate
from erp.channels.models.order_files import OrderFile, OrderFileProblem, OrderMapping
from erp.channels.models.parcels import Fulfilment

__all__ = [
    "AttributeMatch",
    "CategoryMatch",
    "Channel",
    "ChannelListing",
    "ChannelOrder",
    "ChannelOrderLine",
    "Connection",
    "Credential",
    "DescriptionTemplate",
    "Export",
    "ExportFinding",
    "ExportLine",
    "ExportShipment",
    "FileTemplate",
    "Fulfilment",
    "Inbound",
    "ListingFinding",
    "ListingVariant",
    "OrderBatch",
    "OrderFile",
    "OrderFileProblem",
    "OrderMapping",
    "Push",
    "SkuMatch",
    "WebhookDelivery",
    "WebhookEndpoint",
]

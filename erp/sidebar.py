"""The order of the admin's pages: what a brand needs daily first, the machine room last."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

ICONS = {
    "Product": "checkroom",
    "Variant": "barcode",
    "ProductImage": "photo_library",
    "Balance": "inventory_2",
    "StockMovement": "swap_horiz",
    "Posting": "receipt_long",
    "Location": "warehouse",
    "Reservation": "bookmark",
    "CostEntry": "payments",
    "LedgerCheck": "fact_check",
    "DaySeal": "lock_clock",
    "PeriodClose": "event_busy",
    "ReorderRule": "notification_important",
    "StockCount": "checklist",
    "CountEntry": "qr_code_scanner",
    "ImportJob": "upload_file",
    "ImportMapping": "table_rows",
    "Brand": "storefront",
    "Membership": "group",
    "User": "person",
    "Change": "manage_history",
    "Category": "category",
    "Pattern": "texture",
    "Colour": "palette",
    "SizeRun": "straighten",
    "Order": "shopping_bag",
    "Pack": "stacks",
    "Partner": "contacts",
    "AccountEntry": "account_balance_wallet",
    "PurchaseOrder": "local_shipping",
    "Delivery": "move_to_inbox",
    "Slip": "receipt",
    "ReturnNote": "assignment_return",
    "Loan": "front_hand",
    "ConsignmentSale": "handshake",
    "Analysis": "image_search",
    "Correction": "rate_review",
    "ModelVersion": "model_training",
}


def groups() -> list[tuple[str, tuple[str, ...]]]:
    return [
        (_("Products"), ("Product", "Variant", "ProductImage")),
        (
            _("Stock"),
            (
                "Balance",
                "StockMovement",
                "Posting",
                "Reservation",
                "CostEntry",
                "Location",
                "LedgerCheck",
                "DaySeal",
                "PeriodClose",
                "ReorderRule",
            ),
        ),
        (
            _("Trade"),
            (
                "Order",
                "Pack",
                "Partner",
                "AccountEntry",
                "PurchaseOrder",
                "Delivery",
                "Slip",
                "ReturnNote",
                "Loan",
                "ConsignmentSale",
            ),
        ),
        (_("Import and export"), ("ImportJob", "ImportMapping")),
        (_("Counts"), ("StockCount", "CountEntry")),
        (_("People"), ("Brand", "Membership", "User", "Change")),
        (_("Vocabulary"), ("Category", "Pattern", "Colour", "SizeRun")),
        (_("Photo analysis"), ("Analysis", "Correction", "ModelVersion")),
    ]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar of unfold: the pages that the person may open, in groups; what no group names comes last."""
    models = {model["object_name"]: model for app in admin.site.get_app_list(request) for model in app["models"]}
    menu = [(title, [models.pop(name) for name in names if name in models]) for title, names in groups()]
    menu.append((_("System"), list(models.values())))
    return [
        {"title": title, "separator": True, "collapsible": title == _("System"), "items": [_item(m) for m in entries]}
        for title, entries in menu
        if entries
    ]


def _item(model: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": model["name"],
        "icon": ICONS.get(model["object_name"], "settings"),
        "link": model["admin_url"],
    }

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TradeConfig(AppConfig):
    name = "erp.trade"
    label = "trade"
    verbose_name = _("Trade")

    def ready(self) -> None:
        from catalog.audit import audited
        from catalog.sync import remember_deleted
        from erp.trade import notices, receivers  # noqa: F401 - what papers tell, and answer to the ledger
        from erp.trade.models import DeliverTo, Loan, Order, Pack, Partner, PurchaseOrder
        from erp.trade.services import guards  # noqa: F401 - some postings are taken back with their paper only
        from erp.trade.services.orders import taken_back  # noqa: F401 - orders follow the postings of their shipments
        from erp.trade.services.purchases import taken_back as _purchases  # noqa: F401 - and purchases those of deliveries

        audited(Partner, page="trade:partner", without=("location",))
        audited(DeliverTo, brand="partner.brand", topic="partner")
        audited(Pack, page="trade:pack")
        remember_deleted(Partner, "partner")
        remember_deleted(DeliverTo, "deliver_to", brand="partner.brand_id")
        remember_deleted(Pack, "pack")
        remember_deleted(Order, "order", key="public_id")
        remember_deleted(PurchaseOrder, "purchase", key="public_id")
        remember_deleted(Loan, "sample", key="public_id")

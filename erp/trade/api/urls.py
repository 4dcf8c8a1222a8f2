"""The addresses of trade below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from erp.trade.api.consignment import ConsignmentViewSet
from erp.trade.api.deliveries import DeliveriesViewSet
from erp.trade.api.orders import OrdersViewSet
from erp.trade.api.owed import ArrivalsViewSet, OwedViewSet, ShipmentsViewSet
from erp.trade.api.packs import PacksViewSet
from erp.trade.api.partners import AccountEntriesViewSet, PartnersViewSet, ShopsViewSet
from erp.trade.api.partners_bulk import PartnersBulkViewSet
from erp.trade.api.purchases import PurchasesViewSet
from erp.trade.api.returns import ReturnsViewSet
from erp.trade.api.samples import LoansViewSet
from erp.trade.api.slips import SlipsViewSet

router = SimpleRouter(use_regex_path=False)
router.register("partners", PartnersViewSet, "partner")
router.register("deliver-to", ShopsViewSet, "deliver-to")
router.register("account-entries", AccountEntriesViewSet, "account-entry")
router.register("purchases", PurchasesViewSet, "purchase")
router.register("deliveries", DeliveriesViewSet, "delivery")
router.register("orders", OrdersViewSet, "order")
router.register("shipments", ShipmentsViewSet, "shipment")
router.register("owed", OwedViewSet, "owed")
router.register("arrivals", ArrivalsViewSet, "arrival")
router.register("packs", PacksViewSet, "pack")
router.register("consignment", ConsignmentViewSet, "consignment")
router.register("returns", ReturnsViewSet, "return")
router.register("samples", LoansViewSet, "loan")
router.register("slips", SlipsViewSet, "slip")

urlpatterns = [
    path("partners/bulk/", PartnersBulkViewSet.as_view({"post": "create"}), name="partners-bulk"),
    *router.urls,
]

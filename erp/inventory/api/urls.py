"""The ledger's addresses below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from erp.inventory.api.costs import CostEntriesViewSet, VariantCostsViewSet
from erp.inventory.api.movements import ExportsViewSet, MovementsViewSet, ProductHistoryViewSet, VariantHistoryViewSet
from erp.inventory.api.places import BalancesViewSet, LocationsViewSet
from erp.inventory.api.postings import PostingsViewSet
from erp.inventory.api.proofs import PeriodsViewSet, SealsViewSet
from erp.inventory.api.reservations import ReservationsViewSet

router = SimpleRouter(use_regex_path=False)
router.register("locations", LocationsViewSet, "location")
router.register("balances", BalancesViewSet, "balance")
router.register("movements", MovementsViewSet, "movement")
router.register("postings", PostingsViewSet, "posting")
router.register("seals", SealsViewSet, "seal")
router.register("periods", PeriodsViewSet, "period")
router.register("costs", VariantCostsViewSet, "cost")
router.register("cost-entries", CostEntriesViewSet, "cost-entry")
router.register("reservations", ReservationsViewSet, "reservation")

urlpatterns = [
    path("variants/<int:pk>/history/", VariantHistoryViewSet.as_view({"get": "list"}), name="variant-history"),
    path("products/<int:pk>/history/", ProductHistoryViewSet.as_view({"get": "list"}), name="product-history"),
    path("movements.csv", ExportsViewSet.as_view({"get": "csv"}), name="movement-csv"),
    path("movements.xlsx", ExportsViewSet.as_view({"get": "xlsx"}), name="movement-xlsx"),
    path(
        "reservations/<int:pk>/release/", ReservationsViewSet.as_view({"post": "release"}), name="reservation-release"
    ),
    *router.urls,
]

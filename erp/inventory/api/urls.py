"""The ledger's addresses below /api/v1/."""

from rest_framework.routers import SimpleRouter

from erp.inventory.api.movements import MovementsViewSet
from erp.inventory.api.places import BalancesViewSet, LocationsViewSet
from erp.inventory.api.postings import PostingsViewSet

router = SimpleRouter(use_regex_path=False)
router.register("locations", LocationsViewSet, "location")
router.register("balances", BalancesViewSet, "balance")
router.register("movements", MovementsViewSet, "movement")
router.register("postings", PostingsViewSet, "posting")

urlpatterns = [*router.urls]

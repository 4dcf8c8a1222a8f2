"""The addresses of trade below /api/v1/."""

from rest_framework.routers import SimpleRouter

from erp.trade.api.slips import SlipsViewSet

router = SimpleRouter(use_regex_path=False)
router.register("slips", SlipsViewSet, "slip")

urlpatterns = [*router.urls]

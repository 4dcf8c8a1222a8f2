"""The addresses of counting below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from erp.counting.api.counts import CountsViewSet
from erp.counting.api.proposals import ProposalsView

router = SimpleRouter(use_regex_path=False)
router.register("counts", CountsViewSet, "count")

urlpatterns = [
    path("count-proposals/", ProposalsView.as_view(), name="count-proposals"),
    *router.urls,
]

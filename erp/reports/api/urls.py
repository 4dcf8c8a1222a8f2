"""The addresses of reports below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from erp.reports.api.reports import VIEWS
from erp.reports.api.rules import ReorderRulesViewSet

router = SimpleRouter(use_regex_path=False)
router.register("reorder-rules", ReorderRulesViewSet, "reorder-rule")

urlpatterns = [
    *(path(f"reports/{slug}/", view, name=f"report-{slug}") for slug, view in VIEWS.items()),
    *router.urls,
]

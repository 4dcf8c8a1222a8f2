"""The addresses of exchange below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from erp.core.api.parsers import UploadParser
from erp.exchange.api.archives import ArchiveFilesViewSet, ArchivesViewSet
from erp.exchange.api.imports import ImportRowsViewSet, ImportsViewSet, ProductExportsViewSet

router = SimpleRouter(use_regex_path=False)
router.register("imports", ImportsViewSet, "import")
router.register("archives", ArchivesViewSet, "archive")
# The list is written out below: only there are files taken in.
others = [route for route in router.urls if getattr(route, "name", "") != "import-list"]

urlpatterns = [
    path(
        "imports/",
        ImportsViewSet.as_view({"get": "list", "post": "create"}, parser_classes=[UploadParser]),
        name="imports",
    ),
    path("imports/<uuid:public_id>/rows/", ImportRowsViewSet.as_view({"get": "list"}), name="import-rows"),
    path("brands/<slug:slug>/products.csv", ProductExportsViewSet.as_view({"get": "csv"}), name="products-csv"),
    path("brands/<slug:slug>/products.xlsx", ProductExportsViewSet.as_view({"get": "xlsx"}), name="products-xlsx"),
    path("archives/<int:pk>/file/", ArchiveFilesViewSet.as_view({"get": "file"}), name="archive-file"),
    *others,
]

"""The catalog's addresses below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from catalog.api.brands import BrandsViewSet, MeView
from catalog.api.bulk import ProductsBulkViewSet, VariantsBulkViewSet
from catalog.api.changes import ChangesFileViewSet, ChangesViewSet
from catalog.api.images import ImageFileViewSet, ImagesViewSet, ProductImagesViewSet
from catalog.api.products import ProductsViewSet
from catalog.api.taxonomy import CategoriesViewSet, ColoursViewSet, PatternsViewSet, SizeRunsViewSet
from catalog.api.tokens import TokensViewSet
from catalog.api.tombstones import TombstonesViewSet
from catalog.api.variants import VariantsViewSet
from erp.core.api.parsers import UploadParser

router = SimpleRouter(use_regex_path=False)
router.register("brands", BrandsViewSet, "brand")
router.register("categories", CategoriesViewSet, "category")
router.register("patterns", PatternsViewSet, "pattern")
router.register("colours", ColoursViewSet, "colour")
router.register("size-runs", SizeRunsViewSet, "size-run")
router.register("products", ProductsViewSet, "product")
router.register("variants", VariantsViewSet, "variant")
router.register("images", ImagesViewSet, "image")
router.register("tokens", TokensViewSet, "token")
router.register("tombstones", TombstonesViewSet, "tombstone")
router.register("changes", ChangesViewSet, "change")

urlpatterns = [
    path("products/bulk/", ProductsBulkViewSet.as_view({"post": "create"}), name="products-bulk"),
    path("variants/bulk/", VariantsBulkViewSet.as_view({"post": "create"}), name="variants-bulk"),
    path("me/", MeView.as_view(), name="me"),
    path(
        "products/<int:pk>/images/",
        ProductImagesViewSet.as_view({"get": "list", "post": "create"}, parser_classes=[UploadParser]),
        name="product-images",
    ),
    path(
        "products/<int:pk>/images/order/", ProductImagesViewSet.as_view({"put": "order"}), name="product-images-order"
    ),
    path(
        "images/<uuid:public_id>/files/<slug:kind>/",
        ImageFileViewSet.as_view({"get": "retrieve"}),
        name="image-file",
    ),
    path("changes.csv", ChangesFileViewSet.as_view({"get": "csv"}), name="change-csv"),
    *router.urls,
]

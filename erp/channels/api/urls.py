"""The addresses of channels below /api/v1/."""

from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

from erp.channels.api.channels import ChannelsViewSet
from erp.channels.api.credentials import CredentialsViewSet
from erp.channels.api.exports import ExportsViewSet
from erp.channels.api.listings import ListingsViewSet
from erp.channels.api.matches import (
    CategoryMatchesViewSet,
    DescriptionTemplatesViewSet,
    SkuMatchesViewSet,
    UnmatchedCategoriesViewSet,
    WordMatchesViewSet,
)
from erp.channels.api.order_files import OrderFilesViewSet
from erp.channels.api.orders import ChannelOrdersViewSet
from erp.channels.api.stock import ChannelStockViewSet, UnknownSkusViewSet
from erp.core.api.parsers import UploadParser

router = SimpleRouter(use_regex_path=False)
router.register("channels", ChannelsViewSet, "channel")
router.register("listings", ListingsViewSet, "listing")
router.register("exports", ExportsViewSet, "export")
router.register("channel-orders", ChannelOrdersViewSet, "channel-order")
router.register("order-files", OrderFilesViewSet, "order-file")
# The list is written out below: only there are files taken in.
others = [route for route in router.urls if getattr(route, "name", "") != "order-file-list"]
SET: dict[str, Any] = {"get": "list", "put": "replace"}
GONE: dict[str, Any] = {"delete": "destroy"}

urlpatterns = [
    path("channels/<uuid:public_id>/stock/", ChannelStockViewSet.as_view({"get": "list"}), name="channel-stock"),
    path("channels/<uuid:public_id>/unknown-skus/", UnknownSkusViewSet.as_view({"get": "list"}), name="unknown-skus"),
    path(
        "channels/<uuid:public_id>/unmatched-categories/",
        UnmatchedCategoriesViewSet.as_view({"get": "list"}),
        name="unmatched-categories",
    ),
    path("channels/<uuid:public_id>/credentials/", CredentialsViewSet.as_view({"get": "list"}), name="credentials"),
    path(
        "channels/<uuid:public_id>/credentials/<slug:kind>/",
        CredentialsViewSet.as_view({"put": "update", "delete": "destroy"}),
        name="credential",
    ),
    path("category-matches/", CategoryMatchesViewSet.as_view(SET), name="category-matches"),
    path("category-matches/<int:pk>/", CategoryMatchesViewSet.as_view(GONE), name="category-match"),
    path("word-matches/", WordMatchesViewSet.as_view(SET), name="word-matches"),
    path("word-matches/<int:pk>/", WordMatchesViewSet.as_view(GONE), name="word-match"),
    path("sku-matches/", SkuMatchesViewSet.as_view(SET), name="sku-matches"),
    path("sku-matches/<int:pk>/", SkuMatchesViewSet.as_view(GONE), name="sku-match"),
    path("description-templates/", DescriptionTemplatesViewSet.as_view(SET), name="description-templates"),
    path("description-templates/<int:pk>/", DescriptionTemplatesViewSet.as_view(GONE), name="description-template"),
    path(
        "order-files/",
        OrderFilesViewSet.as_view({"get": "list", "post": "create"}, parser_classes=[UploadParser]),
        name="order-files",
    ),
    *others,
]

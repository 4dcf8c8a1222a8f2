"""The public addresses, below /storefront/v1/."""

from django.urls import path
from django.views.decorators.cache import cache_page

from erp.channels.storefront.schema import StorefrontSchema
from erp.channels.storefront.views import CategoriesView, FeedView, ProductsView, ProductView

app_name = "storefront"

urlpatterns = [
    path("schema/", cache_page(300)(StorefrontSchema.as_view()), name="schema"),
    path("<uuid:public_id>/products/", ProductsView.as_view(), name="products"),
    path("<uuid:public_id>/products/<str:handle>/", ProductView.as_view(), name="product"),
    path("<uuid:public_id>/categories/", CategoriesView.as_view(), name="categories"),
    path("<uuid:public_id>/feed.json", FeedView.as_view(), name="feed"),
]

"""Pages of the catalog."""

from django.urls import path

from catalog import images, token_views, views
from catalog.audit import views as audit

app_name = "catalog"

urlpatterns = [
    path("account/tokens/", token_views.tokens, name="tokens"),
    path("account/tokens/new/", token_views.new, name="token-new"),
    path("account/tokens/revoke/", token_views.revoke, name="token-revoke"),
    path("b/<slug:slug>/products/<int:pk>/edit/", views.edit, name="edit"),
    path("b/<slug:slug>/products/<int:pk>/sizes/", views.size_table, name="size-table"),
    path("b/<slug:slug>/products/<int:pk>/status/", views.status, name="status"),
    path("b/<slug:slug>/products/<int:pk>/images/", views.images, name="images"),
    path("b/<slug:slug>/changes/", audit.changes, name="changes"),
    path("b/<slug:slug>/changes.csv", audit.changes_file, name="changes-csv"),
    path("b/<slug:slug>/images/<uuid:public_id>/<slug:kind>", images.image_file, name="image"),
]

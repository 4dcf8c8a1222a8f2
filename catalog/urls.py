"""Pages of the catalog."""

from django.urls import path

from catalog import views

app_name = "catalog"

urlpatterns = [path("b/<slug:slug>/products/<int:pk>/edit/", views.edit, name="edit")]

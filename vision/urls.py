"""The way from photos to a listing."""

from django.urls import path

from vision import views

app_name = "vision"

urlpatterns = [
    path("b/<slug:slug>/new/", views.new, name="new"),
    path("b/<slug:slug>/products/<int:pk>/listing/", views.listing, name="listing"),
    path("b/<slug:slug>/products/<int:pk>/suggestions/", views.suggestions, name="suggestions"),
    path("b/<slug:slug>/products/<int:pk>/photos/", views.photos, name="photos"),
]

"""The addresses of photo analysis below /api/v1/."""

from django.urls import path

from vision.api.views import AnalysisViewSet, SuggestionsViewSet

urlpatterns = [
    path(
        "images/<uuid:public_id>/analysis/",
        AnalysisViewSet.as_view({"get": "retrieve", "post": "retry"}),
        name="image-analysis",
    ),
    path(
        "products/<int:pk>/suggestions/",
        SuggestionsViewSet.as_view({"get": "retrieve"}),
        name="product-suggestions",
    ),
    path(
        "products/<int:pk>/suggestions/accept/",
        SuggestionsViewSet.as_view({"post": "accept"}),
        name="product-suggestions-accept",
    ),
]

"""The way from photos to a listing."""

from django.urls import path

from vision import views
from vision.maintainer import views as maintainer

app_name = "vision"

urlpatterns = [
    path("b/<slug:slug>/new/", views.new, name="new"),
    path("b/<slug:slug>/products/<int:pk>/listing/", views.listing, name="listing"),
    path("b/<slug:slug>/products/<int:pk>/suggestions/", views.suggestions, name="suggestions"),
    path("b/<slug:slug>/products/<int:pk>/photos/", views.photos, name="photos"),
    path("b/<slug:slug>/photo-settings/", views.photo_settings, name="photo-settings"),
    path("photo-models/", maintainer.maintainer, name="maintainer"),
    path("photo-models/answers/", maintainer.answers, name="maintainer-answers"),
    path("photo-models/activate/", maintainer.activate, name="maintainer-activate"),
    path("photo-models/roll-back/", maintainer.roll_back, name="maintainer-roll-back"),
    path("photo-models/retrain/", maintainer.retrain, name="maintainer-retrain"),
]

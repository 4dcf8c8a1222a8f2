"""Our words and theirs, and templates of descriptions."""

from django.urls import path

from erp.channels.views import mappings

urlpatterns = [
    path("b/<slug:slug>/channels/<int:pk>/categories/", mappings.categories, name="categories"),
    path("b/<slug:slug>/channels/<int:pk>/words/", mappings.words, name="words"),
    path("b/<slug:slug>/channels/descriptions/", mappings.descriptions, name="descriptions"),
]

"""The composition root of the pages: with erp.api the only place that knows every app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("erp.core.urls")),
    path("", include("erp.inventory.urls")),
]

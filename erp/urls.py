"""The composition root of the pages: with erp.api the only place that knows every app."""

from django.contrib import admin
from django.urls import include, path

from erp.inventory.views import home

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("erp.api")),
    path("storefront/v1/", include("erp.channels.storefront.urls")),
    path("", home.start, name="home"),
    path("", include("erp.core.urls")),
    path("", include("catalog.urls")),
    path("", include("erp.inventory.urls")),
    path("", include("erp.counting.urls")),
    path("", include("erp.labels.urls")),
    path("", include("erp.trade.urls")),
    path("", include("erp.exchange.urls")),
    path("", include("erp.channels.urls")),
    path("", include("erp.reports.urls")),
    path("", include("vision.urls")),
]

handler400 = "erp.core.handlers.bad_request"
handler403 = "erp.core.handlers.permission_denied"
handler404 = "erp.core.handlers.not_found"
handler500 = "erp.core.handlers.server_error"

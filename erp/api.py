"""The composition root of the REST API: with erp.urls the only place that knows every app."""

from typing import Any

from django.urls import include, path, re_path
from django.views.decorators.cache import cache_page

from erp.core.api.docs import Docs, Schema
from erp.core.api.login import LoginView, LogoutAllView, LogoutView
from erp.core.api.views import NoSuchRoute

app_name = "api"

v1: list[Any] = [
    path("auth/login/", LoginView.as_view(), name="login"),
    path("auth/logout/", LogoutView.as_view(), name="logout"),
    path("auth/logout-all/", LogoutAllView.as_view(), name="logout-all"),
    path("", include("catalog.api.urls")),
    path("", include("erp.inventory.api.urls")),
    path("", include("erp.counting.api.urls")),
    path("", include("erp.labels.api.urls")),
    path("", include("erp.trade.api.urls")),
    path("", include("erp.exchange.api.urls")),
    path("", include("erp.channels.api.urls")),
    path("", include("erp.reports.api.urls")),
    path("", include("vision.api.urls")),
    # Made anew it takes a second of work, and anybody may ask for it.
    path("schema/", cache_page(300)(Schema.as_view()), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
]

urlpatterns = [
    path("v1/", include(v1)),
    re_path("", NoSuchRoute.as_view(), name="nothing"),
]

"""Log-in, language and health."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from erp.core import views

urlpatterns = [
    path("healthz", views.health, name="health"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set_language"),
]

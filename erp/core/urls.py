"""Log-in, language and health."""

from django.urls import path

from erp.core import views

urlpatterns = [path("healthz", views.health, name="health")]

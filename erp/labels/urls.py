"""Pages of labels and scanning."""

from django.urls import path

from erp.labels.views import labels, scan

app_name = "labels"

urlpatterns = [
    path("b/<slug:slug>/labels/", labels.labels, name="labels"),
    path("b/<slug:slug>/labels/find/", labels.find, name="find"),
    path("b/<slug:slug>/scan/", scan.scan, name="scan"),
]

"""The addresses of labels and scanning below /api/v1/."""

from django.urls import path

from erp.labels.api.labels import LabelsView
from erp.labels.api.scan import ScanView

urlpatterns = [
    path("labels/", LabelsView.as_view(), name="labels"),
    path("scan/", ScanView.as_view(), name="scan"),
]

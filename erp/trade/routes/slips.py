"""Slips."""

from django.urls import path

from erp.trade.views import slips

urlpatterns = [
    path("b/<slug:slug>/slips/", slips.slip_list, name="slips"),
    path("b/<slug:slug>/slips/<uuid:public_id>/", slips.slip, name="slip"),
    path("b/<slug:slug>/slips/<uuid:public_id>/slip.pdf", slips.pdf, name="slip-pdf"),
]

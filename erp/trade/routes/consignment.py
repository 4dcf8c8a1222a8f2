"""Goods on consignment."""

from django.urls import path

from erp.trade.views import consignment

urlpatterns = [
    path("b/<slug:slug>/consignment/", consignment.index, name="consignments"),
    path("b/<slug:slug>/consignment/start/", consignment.start, name="consignment-start"),
    path("b/<slug:slug>/consignment/<int:partner>/", consignment.partner, name="consignment"),
    path("b/<slug:slug>/consignment/<int:partner>/place/", consignment.place, name="consignment-place"),
    path("b/<slug:slug>/consignment/<int:partner>/sold/", consignment.sold, name="consignment-sold"),
    path("b/<slug:slug>/consignment/<int:partner>/take-back/", consignment.take_back, name="consignment-take-back"),
    path(
        "b/<slug:slug>/consignment/sales/<uuid:public_id>/take-back/",
        consignment.sale_take_back,
        name="sale-take-back",
    ),
]

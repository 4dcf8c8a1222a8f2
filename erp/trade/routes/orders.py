"""Orders, owed goods and packs."""

from django.urls import path

from erp.trade.views import owed, packs
from erp.trade.views.orders import entry as order_entry
from erp.trade.views.orders import lists as order_lists
from erp.trade.views.orders import page as order_page

urlpatterns = [
    path("b/<slug:slug>/orders/", order_lists.index, name="orders"),
    path("b/<slug:slug>/orders/new/", order_entry.new, name="order-new"),
    path("b/<slug:slug>/orders/sell/", order_entry.sell, name="order-sell"),
    path("b/<slug:slug>/orders/find/", order_entry.find, name="order-find"),
    path("b/<slug:slug>/orders/ship/", order_lists.ship_many, name="orders-ship"),
    path("b/<slug:slug>/orders/<uuid:public_id>/", order_page.show, name="order"),
    path("b/<slug:slug>/orders/<uuid:public_id>/edit/", order_entry.edit, name="order-edit"),
    path("b/<slug:slug>/orders/<uuid:public_id>/add/", order_entry.add, name="order-add"),
    path("b/<slug:slug>/orders/<uuid:public_id>/place/", order_page.place, name="order-place"),
    path("b/<slug:slug>/orders/<uuid:public_id>/reserve/", order_page.reserve, name="order-reserve"),
    path("b/<slug:slug>/orders/<uuid:public_id>/paid/", order_page.confirm, name="order-confirm"),
    path("b/<slug:slug>/orders/<uuid:public_id>/pick/", order_page.pick, name="order-pick"),
    path("b/<slug:slug>/orders/<uuid:public_id>/ship/", order_page.ship, name="order-ship"),
    path("b/<slug:slug>/orders/<uuid:public_id>/cancel/", order_page.cancel, name="order-cancel"),
    path("b/<slug:slug>/orders/<uuid:public_id>/unknown/", order_page.unknown, name="order-unknown"),
    path("b/<slug:slug>/shipments/<int:pk>/take-back/", order_page.take_back, name="shipment-take-back"),
    path("b/<slug:slug>/shipments/<int:pk>/tracking/", order_page.tracking, name="shipment-tracking"),
    path("b/<slug:slug>/owed/", owed.index, name="owed"),
    path("b/<slug:slug>/owed/arrivals/", owed.arrivals, name="arrivals"),
    path("b/<slug:slug>/postings/<uuid:public_id>/waiting/", owed.notice, name="arrivals-notice"),
    path("b/<slug:slug>/packs/", packs.index, name="packs"),
    path("b/<slug:slug>/packs/new/", packs.new, name="pack-new"),
    path("b/<slug:slug>/packs/<int:pk>/", packs.edit, name="pack"),
]

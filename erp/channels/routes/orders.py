"""Orders of marketplaces, the files they come in, and goods that nobody knows yet."""

from django.urls import path

from erp.channels.views import order_files, orders, skus

urlpatterns = [
    path("b/<slug:slug>/channels/<int:channel>/orders/", orders.index, name="orders"),
    path("b/<slug:slug>/channels/<int:channel>/orders/files/", order_files.index, name="order-files"),
    path("b/<slug:slug>/channels/<int:channel>/orders/files/new/", order_files.upload, name="order-file-new"),
    path("b/<slug:slug>/channels/<int:channel>/skus/", skus.index, name="skus"),
    path("b/<slug:slug>/channels/<int:channel>/skus/match/", skus.match, name="sku-match"),
    path("b/<slug:slug>/channels/orders/<int:pk>/", orders.show, name="order"),
    path("b/<slug:slug>/channels/orders/<int:pk>/settle/", orders.settle, name="order-settle"),
    path("b/<slug:slug>/channels/orders/<int:pk>/keep/", orders.keep, name="order-keep"),
    path("b/<slug:slug>/channels/orders/<int:pk>/theirs/", orders.theirs, name="order-theirs"),
    path("b/<slug:slug>/channels/orders/<int:pk>/cancel/", orders.cancel, name="order-cancel"),
    path("b/<slug:slug>/channels/orders/files/<uuid:public_id>/", order_files.show, name="order-file"),
    path("b/<slug:slug>/channels/orders/files/<uuid:public_id>/start/", order_files.start, name="order-file-start"),
    path("b/<slug:slug>/channels/orders/files/<uuid:public_id>/retry/", order_files.retry, name="order-file-retry"),
    path(
        "b/<slug:slug>/channels/orders/files/<uuid:public_id>/problems.csv",
        order_files.problems,
        name="order-file-problems",
    ),
]

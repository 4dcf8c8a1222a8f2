"""Purchase orders, what came of them, and what pieces cost."""

from django.urls import path

from erp.trade.views import costs, deliveries, purchases

urlpatterns = [
    path("b/<slug:slug>/purchases/", purchases.purchase_list, name="purchases"),
    path("b/<slug:slug>/purchases/new/", purchases.new, name="purchase-new"),
    path("b/<slug:slug>/purchases/find/", purchases.find, name="purchase-find"),
    path("b/<slug:slug>/purchases/<uuid:public_id>/", purchases.purchase, name="purchase"),
    path("b/<slug:slug>/purchases/<uuid:public_id>/edit/", purchases.edit, name="purchase-edit"),
    path("b/<slug:slug>/purchases/<uuid:public_id>/print/", purchases.paper, name="purchase-print"),
    path("b/<slug:slug>/purchases/<uuid:public_id>/order.pdf", purchases.pdf, name="purchase-pdf"),
    path("b/<slug:slug>/purchases/<uuid:public_id>/receive/", deliveries.receive, name="purchase-receive"),
    path("b/<slug:slug>/purchases/<uuid:public_id>/receive/find/", deliveries.find, name="delivery-find"),
    *(
        path(
            f"b/<slug:slug>/purchases/<uuid:public_id>/{step}/",
            purchases.step,
            {"name": step},
            name=f"purchase-{step}",
        )
        for step in purchases.STEPS
    ),
    path("b/<slug:slug>/deliveries/<uuid:public_id>/", deliveries.delivery, name="delivery"),
    path("b/<slug:slug>/deliveries/<uuid:public_id>/take-back/", deliveries.take_back, name="delivery-take-back"),
    path("b/<slug:slug>/variants/<int:pk>/cost/", costs.cost, name="cost"),
    path("b/<slug:slug>/products/<int:pk>/cost/", costs.of_product, name="product-cost"),
]

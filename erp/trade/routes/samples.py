"""Sample loans."""

from django.urls import path

from erp.trade.views import samples

urlpatterns = [
    path("b/<slug:slug>/samples/", samples.loan_list, name="samples"),
    path("b/<slug:slug>/samples/new/", samples.new, name="loan-new"),
    path("b/<slug:slug>/samples/find/", samples.find, name="loan-find"),
    path("b/<slug:slug>/samples/<uuid:public_id>/", samples.loan, name="loan"),
    path("b/<slug:slug>/samples/<uuid:public_id>/settle/", samples.settle, name="loan-settle"),
    path("b/<slug:slug>/samples/<uuid:public_id>/extend/", samples.extend, name="loan-extend"),
    path("b/<slug:slug>/samples/<uuid:public_id>/loan.pdf", samples.pdf, name="loan-pdf"),
    path(
        "b/<slug:slug>/samples/<uuid:public_id>/events/<int:event>/take-back/",
        samples.take_back,
        name="loan-event-take-back",
    ),
]

"""Returns and exchanges."""

from django.urls import path

from erp.trade.views import returns

urlpatterns = [
    path("b/<slug:slug>/returns/", returns.note_list, name="returns"),
    path("b/<slug:slug>/returns/new/", returns.new, name="return-new"),
    path("b/<slug:slug>/returns/find/", returns.find, name="return-find"),
    path("b/<slug:slug>/returns/<uuid:public_id>/", returns.note, name="return"),
    path("b/<slug:slug>/returns/<uuid:public_id>/take-back/", returns.take_back, name="return-take-back"),
]

"""Partners and their accounts."""

from django.urls import path

from erp.trade.views import accounts, partners

urlpatterns = [
    path("b/<slug:slug>/partners/", partners.partner_list, name="partners"),
    path("b/<slug:slug>/partners/new/", partners.new, name="partner-new"),
    path("b/<slug:slug>/partners/<int:pk>/", partners.partner, name="partner"),
    path("b/<slug:slug>/partners/<int:pk>/edit/", partners.edit, name="partner-edit"),
    path("b/<slug:slug>/partners/<int:pk>/shops/new/", partners.shop_new, name="shop-new"),
    path("b/<slug:slug>/partners/<int:pk>/shops/<int:shop>/", partners.shop_edit, name="shop-edit"),
    path("b/<slug:slug>/partners/<int:pk>/account.csv", accounts.csv, name="account-csv"),
    path("b/<slug:slug>/partners/<int:pk>/payment/", accounts.payment, name="payment"),
    path("b/<slug:slug>/partners/<int:pk>/opening/", accounts.opening, name="account-opening"),
    path("b/<slug:slug>/partners/<int:pk>/correction/", accounts.correction, name="account-correction"),
    path("b/<slug:slug>/partners/<int:pk>/entries/<int:entry>/reverse/", accounts.reverse, name="entry-reverse"),
]

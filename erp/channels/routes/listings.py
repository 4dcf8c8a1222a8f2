"""Products on channels."""

from django.urls import path

from erp.channels.views import listings, mending, products

urlpatterns = [
    path("b/<slug:slug>/channels/<int:pk>/", products.channel, name="channel"),
    path("b/<slug:slug>/channels/<int:pk>/listings/", products.change, name="listings-change"),
    path("b/<slug:slug>/channels/<int:pk>/products/", products.pick, name="channel-products"),
    path("b/<slug:slug>/channels/<int:pk>/mending/", mending.mending, name="mending"),
    path("b/<slug:slug>/channels/<int:pk>/mending/again/", mending.again, name="mending-again"),
    path("b/<slug:slug>/channels/listings/<int:pk>/", listings.listing, name="listing"),
    path("b/<slug:slug>/channels/listings/<int:pk>/pictures/", listings.pictures, name="listing-pictures"),
    path("b/<slug:slug>/channels/listings/<int:pk>/status/", listings.status, name="listing-status"),
]

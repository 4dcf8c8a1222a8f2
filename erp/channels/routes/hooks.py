"""Connections to shops, webhooks out of here, and what is delivered to us."""

from django.urls import path

from erp.channels.views import connections, hooks, hooks_in

urlpatterns = [
    path("hooks/<uuid:public_id>/shopify/", hooks_in.shopify, name="hook-shopify"),
    path("hooks/<uuid:public_id>/orders/", hooks_in.orders, name="hook-orders"),
    path("hooks/<uuid:public_id>/orders/<uuid:inbound>/", hooks_in.inbound_state, name="inbound-state"),
    path("b/<slug:slug>/channels/<uuid:public_id>/connection/", connections.connection, name="connection"),
    path("b/<slug:slug>/channels/<uuid:public_id>/connection/shop/", connections.shop, name="connection-shop"),
    path("b/<slug:slug>/channels/<uuid:public_id>/connection/secret/", connections.secret, name="connection-secret"),
    path("b/<slug:slug>/channels/<uuid:public_id>/connection/place/", connections.place, name="connection-place"),
    path("b/<slug:slug>/channels/<uuid:public_id>/connection/push/", connections.push, name="connection-push"),
    path("b/<slug:slug>/channels/<uuid:public_id>/connection/parcels/", connections.parcels, name="connection-parcels"),
    path("b/<slug:slug>/channels/<uuid:public_id>/connection/end/", connections.end, name="connection-end"),
    path(
        "b/<slug:slug>/channels/<uuid:public_id>/connection/inbound/<uuid:inbound>/retry/",
        connections.retry,
        name="inbound-retry",
    ),
    path("b/<slug:slug>/webhooks/", hooks.endpoints, name="webhooks"),
    path("b/<slug:slug>/webhooks/new/", hooks.new, name="webhook-new"),
    path("b/<slug:slug>/webhooks/<uuid:public_id>/", hooks.endpoint, name="webhook"),
    path("b/<slug:slug>/webhooks/<uuid:public_id>/edit/", hooks.edit, name="webhook-edit"),
    path("b/<slug:slug>/webhooks/<uuid:public_id>/act/", hooks.act, name="webhook-act"),
    path(
        "b/<slug:slug>/webhooks/<uuid:public_id>/deliveries/<uuid:delivery>/", hooks.delivery, name="webhook-delivery"
    ),
    path(
        "b/<slug:slug>/webhooks/<uuid:public_id>/deliveries/<uuid:delivery>/replay/",
        hooks.replay,
        name="webhook-replay",
    ),
]

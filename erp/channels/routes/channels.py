"""Accounts on marketplaces and their files."""

from django.urls import path

from erp.channels.views import channels, imports, tables

urlpatterns = [
    path("b/<slug:slug>/channels/", channels.channel_list, name="channels"),
    path("b/<slug:slug>/channels/new/", channels.new, name="channel-new"),
    path("b/<slug:slug>/channels/price/", channels.example, name="price-example"),
    path("b/<slug:slug>/channels/<int:pk>/edit/", channels.edit, name="channel-edit"),
    path("b/<slug:slug>/channels/<int:pk>/columns/", channels.columns, name="channel-columns"),
    path("b/<slug:slug>/channels/<int:pk>/import/", imports.upload, name="channel-import"),
    path("b/<slug:slug>/channels/<int:pk>/use/", channels.use, name="channel-use"),
    path("b/<slug:slug>/channels/<int:pk>/table/", tables.table, name="table"),
    path("b/<slug:slug>/channels/<int:pk>/form/", tables.form, name="form"),
    path("b/<slug:slug>/channels/<int:pk>/template/remove/", tables.remove, name="template-remove"),
]

"""What is sent to marketplaces, and the pictures they fetch."""

from django.urls import path

from erp.channels.views import exports, pictures

urlpatterns = [
    path("p/<uuid:public_id>/<slug:version>.jpg", pictures.picture, name="picture"),
    path("b/<slug:slug>/channels/<int:channel>/exports/", exports.index, name="exports"),
    path("b/<slug:slug>/channels/<int:channel>/exports/new/", exports.start, name="export-new"),
    path("b/<slug:slug>/channels/exports/<uuid:public_id>/", exports.show, name="export"),
    path("b/<slug:slug>/channels/exports/<uuid:public_id>/file/", exports.file, name="export-file"),
    path("b/<slug:slug>/channels/exports/<uuid:public_id>/confirm/", exports.confirm, name="export-confirm"),
    path("b/<slug:slug>/channels/exports/<uuid:public_id>/drop/", exports.drop, name="export-drop"),
    path("b/<slug:slug>/channels/exports/<uuid:public_id>/retry/", exports.retry, name="export-retry"),
]

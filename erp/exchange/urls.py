"""Pages of exchange."""

from django.urls import path

from erp.exchange.views import archives, exports, imports

app_name = "exchange"

urlpatterns = [
    path("b/<slug:slug>/imports/", imports.imports, name="imports"),
    path("b/<slug:slug>/imports/new/", imports.upload, name="import-new"),
    path("b/<slug:slug>/imports/<uuid:public_id>/", imports.job, name="import"),
    path("b/<slug:slug>/imports/<uuid:public_id>/read/", imports.read, name="import-read"),
    path("b/<slug:slug>/imports/<uuid:public_id>/columns/", imports.columns, name="import-columns"),
    path("b/<slug:slug>/imports/<uuid:public_id>/apply/", imports.apply, name="import-apply"),
    path("b/<slug:slug>/imports/<uuid:public_id>/cancel/", imports.cancel, name="import-cancel"),
    path("b/<slug:slug>/imports/<uuid:public_id>/retry/", imports.retry, name="import-retry"),
    path("b/<slug:slug>/imports/<uuid:public_id>/rows.csv", imports.rows, name="import-rows"),
    path("b/<slug:slug>/archives/", archives.archives, name="archives"),
    path("b/<slug:slug>/archives/new/", archives.start, name="archive-start"),
    path("b/<slug:slug>/archives/<uuid:public_id>.zip", archives.download, name="archive"),
    path("b/<slug:slug>/export/", exports.export, name="export"),
    path("b/<slug:slug>/products.csv", exports.as_csv, name="products-csv"),
    path("b/<slug:slug>/products.xlsx", exports.as_xlsx, name="products-xlsx"),
]

"""Pages of the stock ledger."""

from django.urls import path

from erp.inventory.views import audit, entry, history, home, life, posting, products, proofs, reservations, stock

app_name = "inventory"

urlpatterns = [
    path("b/<slug:slug>/", home.home, name="home"),
    path("b/<slug:slug>/products/", products.products, name="products"),
    path("b/<slug:slug>/products/<int:pk>/", products.product, name="product"),
    # The stock list and the entries that move stock
    path("b/<slug:slug>/stock/", stock.stock, name="stock"),
    path("b/<slug:slug>/stock/receive/", entry.receive, name="receive"),
    path("b/<slug:slug>/stock/ship/", entry.ship, name="ship"),
    path("b/<slug:slug>/stock/adjust/", entry.adjust, name="adjust"),
    path("b/<slug:slug>/stock/transfer/", entry.transfer, name="transfer"),
    path("b/<slug:slug>/stock/reserved/", reservations.reservations, name="reservations"),
    path("b/<slug:slug>/stock/find/", entry.find, name="find"),
    path("b/<slug:slug>/products/<int:pk>/opening/", entry.opening, name="opening"),
    # Histories and postings
    path("b/<slug:slug>/history/", history.history, name="history"),
    path("b/<slug:slug>/history.csv", history.history_csv, name="history-csv"),
    path("b/<slug:slug>/history.xlsx", history.history_xlsx, name="history-xlsx"),
    path("b/<slug:slug>/postings/<uuid:public_id>/", posting.posting, name="posting"),
    path("b/<slug:slug>/postings/<uuid:public_id>/reverse/", posting.reverse, name="reverse"),
    path("b/<slug:slug>/variants/<int:pk>/life/", life.life, name="life"),
    # What proves the ledger
    path("b/<slug:slug>/seals/", proofs.seals, name="seals"),
    path("b/<slug:slug>/seals.csv", proofs.seals_csv, name="seals-csv"),
    path("b/<slug:slug>/periods/", proofs.periods, name="periods"),
    path("b/<slug:slug>/periods/close/", proofs.close, name="periods-close"),
    path("b/<slug:slug>/periods/reopen/", proofs.reopen, name="periods-reopen"),
    # Auditors
    path("audit/", audit.audit, name="audit"),
    path("audit/changes/", audit.changes, name="audit-changes"),
    path("audit/checks/", audit.checks, name="checks"),
    path("audit/verify/", audit.verify, name="verify"),
]

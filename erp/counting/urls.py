"""Pages of counting."""

from django.urls import path

from erp.counting.views import counting, counts, review

app_name = "counting"

urlpatterns = [
    path("b/<slug:slug>/counts/", counts.counts, name="counts"),
    path("b/<slug:slug>/counts/new/", counts.new, name="new"),
    path("b/<slug:slug>/counts/<uuid:public_id>/", counting.count, name="count"),
    path("b/<slug:slug>/counts/<uuid:public_id>/progress/", counting.progress, name="progress"),
    path("b/<slug:slug>/counts/<uuid:public_id>/scan/", counting.scan, name="scan"),
    path("b/<slug:slug>/counts/<uuid:public_id>/undo/", counting.undo, name="undo"),
    path("b/<slug:slug>/counts/<uuid:public_id>/products/<int:pk>/", counting.sheet, name="sheet"),
    path("b/<slug:slug>/counts/<uuid:public_id>/cancel/", counting.cancel, name="cancel"),
    path("b/<slug:slug>/counts/<uuid:public_id>/review/", review.review, name="review"),
    path("b/<slug:slug>/counts/<uuid:public_id>/review/start/", review.start, name="start-review"),
    path("b/<slug:slug>/counts/<uuid:public_id>/review/decide/", review.decide, name="decide"),
    path("b/<slug:slug>/counts/<uuid:public_id>/review/reopen/", review.reopen, name="reopen"),
    path("b/<slug:slug>/counts/<uuid:public_id>/review/post/", review.post, name="post"),
]

"""A brand's archive: asked for, watched while it is made, and taken along."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.exchange.models import Archive
from erp.exchange.services.archives import KEPT, start_archive

SHOWN = 20


@vary_on_headers("HX-Request")
@brand_page(Right.MANAGE)
def archives(request: BrandRequest) -> HttpResponse:
    """The latest archives; while one is made, htmx asks for the list again."""
    found = Archive.objects.of(request.brand).select_related("brand", "created_by")[:SHOWN]
    context = {"archives": found, "making": any(archive.is_making for archive in found), "days": KEPT.days}
    template = "exchange/archives.html#list" if request.htmx else "exchange/archives.html"
    return render(request, template, context)


@brand_page(Right.MANAGE)
@require_POST
def start(request: BrandRequest) -> HttpResponse:
    start_archive(brand=request.brand, actor=request.user)
    return redirect("exchange:archives", request.brand.slug)


@brand_page(Right.MANAGE)
def download(request: BrandRequest, public_id: str) -> HttpResponseBase:
    archive = get_object_or_404(Archive.objects.of(request.brand), public_id=public_id)
    return archive_download(archive)


def archive_download(archive: Archive) -> HttpResponseBase:
    """The file of a finished archive; 404 where it is not made yet or not kept any more."""
    if archive.state != Archive.State.DONE or not archive.file:
        raise Http404
    name = f"{archive.brand.slug}-{timezone.localdate(archive.created_at)}.zip"
    answer = FileResponse(archive.file.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer

"""Products of a marketplace as products of ours."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.forms.imports import ShopifyUploadForm
from erp.channels.models import Channel
from erp.channels.views.found import find_channel


@brand_page(Right.WORK)
def upload(request: BrandRequest, pk: int) -> HttpResponse:
    """Takes the marketplace's own file; from there it is an import like any other, checked before it is applied."""
    found = find_channel(request, pk)
    if found.kind != Channel.Kind.SHOPIFY:
        raise Http404
    sent = request.method == "POST"
    form = ShopifyUploadForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        job = form.save(brand=request.brand, actor=request.user)
        if job is not None:
            return redirect("exchange:import", request.brand.slug, job.public_id)
    page = {"channel": found, "form": form}
    return render(request, "channels/import.html", page, status=422 if form.errors else 200)

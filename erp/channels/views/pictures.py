"""Pictures that marketplaces fetch: no log-in, an address that nobody guesses, kept for long."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from catalog.images import POLICY
from catalog.models import ProductImage
from erp.channels.services.pictures import is_offered, public_picture, version_of
from erp.core.photos import PhotoError

LONG = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"


@require_safe
def picture(request: HttpRequest, public_id: UUID, version: str) -> HttpResponseBase:
    """A photo of a listing on a channel in use. An older version shows the newest: marketplaces ask for what they were
    told, and it has not gone."""
    image = get_object_or_404(ProductImage.objects.select_related("product"), public_id=public_id)
    if not is_offered(image):
        raise Http404
    newest = version_of(image)
    etag = f'"{newest}"'
    response = get_conditional_response(request, etag=etag) or _sent(image)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = LONG if constant_time_compare(version, newest) else SHORT
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _sent(image: ProductImage) -> HttpResponseBase:
    try:
        storage, name = public_picture(image)
        return FileResponse(storage.open(name), content_type="image/jpeg")
    except (FileNotFoundError, PhotoError) as error:
        raise Http404 from error

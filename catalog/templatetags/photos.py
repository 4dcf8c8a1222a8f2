"""The addresses of photos."""

from django import template
from django.urls import reverse

from catalog.images import version_of
from catalog.models import ProductImage
from erp.core.photos import PhotoLimits

register = template.Library()


@register.simple_tag
def photo_url(image: ProductImage, kind: str, slug: str) -> str:
    """The address of one file; it names the file's version, so that browsers need not ask whether it changed."""
    return f"{reverse('catalog:image', args=[slug, image.public_id, kind])}?v={version_of(image, kind)}"


@register.simple_tag
def picture_url(image: ProductImage, slug: str) -> str:
    """The garment on white once it is cut out, until then the photo itself."""
    return photo_url(image, "listing" if image.listing else "thumbnail", slug)


@register.simple_tag
def tile_url(image: ProductImage, slug: str) -> str:
    """The same, small: what lists show."""
    return photo_url(image, "tile", slug) if image.tile else picture_url(image, slug)


@register.simple_tag
def most_photo_bytes() -> int:
    """How large a photo may be, so that a browser can say so before it is sent."""
    return PhotoLimits().max_bytes


@register.simple_tag
def most_photo_megabytes() -> int:
    """The same, to be read."""
    return most_photo_bytes() // 1024**2

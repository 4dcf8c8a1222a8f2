"""The pages that edit a product and its photos, and put it on sale or away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog import services
from catalog.access import Right
from catalog.forms import ImageForm, ProductForm
from catalog.models import Product, ProductImage
from catalog.pages import BrandRequest, brand_page
from catalog.size_table_forms import SizeTableForm
from catalog.uploads import Uploaded, add_photos
from erp.core.errors import DomainError
from erp.core.flash import done

STEPS = {"earlier": -1, "later": 1}


def product_of(request: BrandRequest, pk: int) -> Product:
    return get_object_or_404(Product.objects.of(request.brand).select_related("brand"), pk=pk)


@brand_page(Right.WORK)
def edit(request: BrandRequest, pk: int) -> HttpResponse:
    product = product_of(request, pk)
    form = ProductForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid() and form.save(actor=request.user):
        done(request, _("Saved."))
        return redirect("inventory:product", request.brand.slug, product.pk)
    page = {"product": product, "form": form}
    return render(request, "catalog/edit.html", page, status=422 if form.errors else 200)


@brand_page(Right.WORK)
def size_table(request: BrandRequest, pk: int) -> HttpResponse:
    """`action=columns` shows the columns that were asked for, with what is typed, and saves nothing."""
    product = product_of(request, pk)
    prefetch_related_objects([product], "measurements__size")
    form = SizeTableForm(request.POST or None, product=product)
    saves = request.method == "POST" and request.POST.get("action") != "columns"
    if saves and form.is_valid() and form.save(actor=request.user):
        done(request, _("Saved."))
        return redirect("inventory:product", request.brand.slug, product.pk)
    page = {"product": product, "form": form}
    return render(request, "catalog/size_table.html", page, status=422 if saves else 200)


@require_POST
@brand_page(Right.WORK)
def status(request: BrandRequest, pk: int) -> HttpResponse:
    """Activates or archives; what is missing for that is said on the product's page."""
    product = product_of(request, pk)
    try:
        if request.POST.get("to") == Product.Status.ARCHIVED:
            services.archive_product(product=product, actor=request.user)
            done(request, _("Archived. Its history stays, and you can put it on sale again."))
        else:
            services.activate_product(product=product, actor=request.user)
            done(request, _("On sale again."))
    except DomainError as error:
        messages.error(request, " ".join(str(m) for m in [error.message, *(p.message for p in error.problems)]))
    return redirect("inventory:product", request.brand.slug, product.pk)


@brand_page(Right.WORK)
def images(request: BrandRequest, pk: int) -> HttpResponse:
    """The photos of a product: add some, put them in order, describe or remove one."""
    product = product_of(request, pk)
    if request.method != "POST":
        photos = list(product.images.all())
        forms = [ImageForm(initial={"alt_ko": p.alt_ko, "alt_en": p.alt_en}, prefix=str(p.public_id)) for p in photos]
        return render(request, "catalog/images.html", {"product": product, "photos": zip(photos, forms, strict=True)})
    try:
        _change_images(request, product)
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("catalog:images", request.brand.slug, product.pk)


def _change_images(request: BrandRequest, product: Product) -> None:
    if files := request.FILES.getlist("photos"):
        tell_uploaded(request, add_photos(product=product, files=files, actor=request.user))
        return
    image = get_object_or_404(product.images.all(), public_id=_uuid(request.POST.get("image", "")))
    action = request.POST.get("action")
    if action == "remove":
        services.remove_image(image=image, actor=request.user)
        done(request, _("Photo removed."))
    elif action in STEPS:
        _move(request, product, image, STEPS[action])
    elif action == "describe":
        _describe(request, image)


def _move(request: BrandRequest, product: Product, image: ProductImage, step: int) -> None:
    order = list(product.images.values_list("public_id", flat=True))
    place = order.index(image.public_id)
    other = min(max(place + step, 0), len(order) - 1)
    order[place], order[other] = order[other], order[place]
    services.order_images(product=product, order=order, actor=request.user)


def _describe(request: BrandRequest, image: ProductImage) -> None:
    form = ImageForm(request.POST, prefix=str(image.public_id))
    if form.is_valid():
        services.describe_image(image=image, actor=request.user, **form.cleaned_data)
        done(request, _("Saved."))
    else:
        messages.error(request, _("A description has at most 200 letters."))


def tell_uploaded(request: HttpRequest, uploaded: Uploaded) -> None:
    """Says how many photos were taken, and of each other file why it was not."""
    if taken := len(uploaded.images):
        done(request, ngettext("%(n)s photo added.", "%(n)s photos added.", taken) % {"n": taken})
    tell_refused(request, uploaded)


def tell_refused(request: HttpRequest, uploaded: Uploaded) -> None:
    if uploaded.refused:
        lines = [_("These files were left out:"), *(f"{file.name} – {file.message}" for file in uploaded.refused)]
        messages.warning(request, "\n".join(lines))


def _uuid(text: str) -> Any:
    try:
        return UUID(text)
    except ValueError:
        return None

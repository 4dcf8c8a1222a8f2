"""What a channel calls our categories and words, and what descriptions are made of."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.access import Right
from catalog.models import Product
from catalog.pages import BrandRequest, brand_page
from erp.channels.forms.mappings import CategoriesForm, DescriptionForm, WordsForm
from erp.channels.models.channels import Language
from erp.channels.resolving import description_facts, products_with_facts, title_in
from erp.channels.services.descriptions import body_problems, forget_description
from erp.channels.views.found import find_channel
from erp.channels.words import FACTS, described
from erp.core.flash import done


@brand_page(Right.WORK)
def categories(request: BrandRequest, pk: int) -> HttpResponse:
    channel = find_channel(request, pk)
    return _matching(request, CategoriesForm(request.POST or None, channel=channel), "categories")


@brand_page(Right.WORK)
def words(request: BrandRequest, pk: int) -> HttpResponse:
    channel = find_channel(request, pk)
    return _matching(request, WordsForm(request.POST or None, channel=channel), "words")


def _matching(request: BrandRequest, form: Any, name: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and (count := form.save()) is not None:
        told = ngettext("%(n)s match was saved.", "%(n)s matches were saved.", count) % {"n": count}
        done(request, told if count else _("Nothing changed."))
        return redirect(f"channels:{name}", request.brand.slug, form.channel.pk)
    page = {"form": form, "channel": form.channel}
    return render(request, f"channels/{name}.html", page, status=422 if form.errors else 200)


@brand_page(Right.WORK)
def descriptions(request: BrandRequest) -> HttpResponse:
    """The text of one language (`?language=`), shown on a real product as it is typed."""
    language = request.GET.get("language", "")
    language = language if language in Language.values else Language.KOREAN.value
    posted = request.method == "POST"
    form = DescriptionForm(request.POST if posted else None, brand=request.brand, language=language)
    action = request.POST.get("action", "")
    if action == "forget":
        forget_description(brand=request.brand, language=language)
        done(request, _("The text of Jangbu is used again."))
        return _to(request, language)
    if posted and action != "preview" and form.is_valid() and form.save():
        done(request, _("Saved."))
        return _to(request, language)
    page = {"form": form, "language": language, "languages": Language.choices, "facts": FACTS}
    page |= _preview(request, language, request.POST["body"] if "body" in request.POST else form.initial["body"])
    if request.htmx and action == "preview":
        return render(request, "channels/descriptions.html#preview", page)
    return render(request, "channels/descriptions.html", page, status=422 if form.errors else 200)


def _preview(request: BrandRequest, language: str, body: str) -> dict[str, Any]:
    """The text on the product that was asked for, else on the newest that is on sale."""
    products = products_with_facts(Product.objects.of(request.brand).active().order_by("-id"))
    wanted = request.POST.get("product", "")
    choices = list(products[:20])
    product = next((row for row in choices if str(row.pk) == wanted), choices[0] if choices else None)
    page: dict[str, Any] = {"choices": choices, "product": product, "problems": body_problems(body)}
    if product and not page["problems"]:
        facts = description_facts(product, request.brand, language, title_in(product, language))
        page["preview"] = mark_safe(described(body, facts))  # noqa: S308 -- it escapes every text
    return page


def _to(request: BrandRequest, language: str) -> HttpResponse:
    address = redirect("channels:descriptions", request.brand.slug)["Location"]
    return redirect(f"{address}?language={language}")

"""Where a brand sells: the list, a new account, its settings."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.forms.channels import ChannelForm, ColumnsForm, PriceRuleForm, price_example
from erp.channels.models import Channel
from erp.channels.selectors.channels import channels_with_counts
from erp.channels.services.channels import reopen_channel, retire_channel
from erp.channels.views.found import find_channel
from erp.core.flash import done


@require_safe
@brand_page()
def channel_list(request: BrandRequest) -> HttpResponse:
    return render(request, "channels/channels.html", {"channels": channels_with_counts(request.brand)})


@brand_page(Right.MANAGE)
def new(request: BrandRequest) -> HttpResponse:
    """The marketplace first (`?kind=`), then what is usual there."""
    kind = request.GET.get("kind", "")
    if kind not in Channel.Kind.values:
        return render(request, "channels/choose.html", {"kinds": Channel.Kind.choices})
    form = ChannelForm(request.POST or None, brand=request.brand, kind=kind)
    if request.method == "POST" and form.is_valid() and (saved := form.save_for()):
        done(request, _("%(name)s is set up. Put products on it now.") % {"name": saved.name})
        return redirect("channels:channel-products", request.brand.slug, saved.pk)
    return _form_page(request, form, None)


@brand_page(Right.MANAGE)
def edit(request: BrandRequest, pk: int) -> HttpResponse:
    channel = find_channel(request, pk)
    form = ChannelForm(
        request.POST or None, brand=request.brand, kind=channel.kind, instance=Channel.objects.get(pk=channel.pk)
    )
    if request.method == "POST" and form.is_valid() and form.save_for():
        done(request, _("Saved."))
        return redirect("channels:channel", request.brand.slug, channel.pk)
    return _form_page(request, form, channel)


def _form_page(request: BrandRequest, form: ChannelForm, channel: Channel | None) -> HttpResponse:
    page = {
        "form": form,
        "channel": channel,
        "kind": Channel.Kind(form.kind),
        "example": price_example(form, request.brand),
    }
    return render(request, "channels/edit.html", page, status=422 if form.errors else 200)


@require_safe
@brand_page()
def example(request: BrandRequest) -> HttpResponse:
    """What a price becomes by the rule that is being typed."""
    form = PriceRuleForm(request.GET)
    return render(request, "channels/price_example.html", {"example": price_example(form, request.brand)})


@brand_page(Right.MANAGE)
def columns(request: BrandRequest, pk: int) -> HttpResponse:
    """What stands in the marketplace's own columns."""
    channel = find_channel(request, pk)
    form = ColumnsForm(request.POST or None, channel=channel)
    if request.method == "POST" and form.is_valid() and form.save():
        done(request, _("Saved."))
        return redirect("channels:channel", request.brand.slug, channel.pk)
    page = {"form": form, "channel": channel}
    return render(request, "channels/columns.html", page, status=422 if form.errors else 200)


@require_POST
@brand_page(Right.MANAGE)
def use(request: BrandRequest, pk: int) -> HttpResponse:
    """Retires a channel, or takes it into use again."""
    channel = find_channel(request, pk)
    if request.POST.get("to") == "retired":
        retire_channel(channel=channel)
        done(request, _("Retired. Its listings and its history stay, and you can use it again."))
    else:
        reopen_channel(channel=channel)
        done(request, _("In use again."))
    return redirect("channels:channels", request.brand.slug)

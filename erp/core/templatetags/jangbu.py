"""Filters and tags that every template has."""

import json
from datetime import date
from decimal import Decimal

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.templatetags.static import static
from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from erp.core.money import SYMBOLS, decimals_of

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str = "KRW") -> str:
    """`12000|money:"KRW"` is ₩12,000 and -12000 -₩12,000; currencies with cents show two decimals."""
    if amount is None:
        return ""
    figure = number_format(abs(amount), decimal_pos=decimals_of(currency), use_l10n=True, force_grouping=True)
    return f"{'-' if amount < 0 else ''}{SYMBOLS.get(currency, currency + ' ')}{figure}"


@register.filter
def currency_sign(currency: str) -> str:
    return SYMBOLS.get(currency, currency)


@register.filter
def as_json(value: object) -> str:
    """For a data attribute; the template escapes it."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def count(number: int | None) -> str:
    """A quantity with thousands separators."""
    return "" if number is None else number_format(number, force_grouping=True)


@register.filter
def percent(share: float | None) -> str:
    """`0.123|percent` is 12%."""
    return "" if share is None else f"{round(share * 100)}%"


@register.filter
def day(moment: date | None) -> str:
    """A date with its weekday: 2026. 11. 20. (금), or Fri 20 Nov 2026."""
    if not moment:
        return ""
    if get_language() == "en":
        return date_format(moment, "D j M Y")
    return f"{date_format(moment, 'Y. n. j.')} ({date_format(moment, 'l')[:1]})"


@register.filter
def get(mapping: dict, key: object) -> object:
    """The value of a key that is only known in the template."""
    return mapping.get(key)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """The current query string with some parameters changed; an empty value removes one."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of static/img/icons.svg; the words beside it carry the meaning."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("img/icons.svg"), name
    )

"""Our categories and words beside theirs, all on one form; and the text of descriptions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Category, Product
from erp.channels.models import AttributeMatch, Channel
from erp.channels.selectors.mappings import category_rows, word_rows
from erp.channels.services.descriptions import save_description, used_description
from erp.channels.services.mappings import match_categories, match_words
from erp.channels.words import shipped_description
from erp.core.errors import DomainError
from erp.trade.forms.partners import Refusing

Kind = AttributeMatch.Kind


class CategoriesForm(Refusing, forms.Form):
    """A field for each category; one more line for a gender of its own."""

    more_category = forms.ModelChoiceField(Category.objects.all(), label=_("Category"), required=False)
    more_gender = forms.ChoiceField(
        label=_("For"), required=False, choices=[("", _("Everybody")), *Product.Gender.choices]
    )
    more_target = forms.CharField(label=_("Category there"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, channel: Channel) -> None:
        super().__init__(data)
        self.channel = channel
        self.category_rows = category_rows(channel)
        for row in self.category_rows:
            field = forms.CharField(label=row.category.name, max_length=200, required=False)
            field.widget.attrs["aria-label"] = f"{row.category.name} {row.gender_words}".strip()
            self.fields[row.key] = field
            self.initial[row.key] = row.target

    def shown(self) -> list[tuple[Any, Any]]:
        return [(row, self[row.key]) for row in self.category_rows]

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        if cleaned.get("more_target") and not cleaned.get("more_category"):
            self.add_error("more_category", _("Choose a category."))
        return cleaned

    def save(self) -> int | None:
        """How many changed; None where it was refused, with the reasons at the fields."""
        chosen = self.cleaned_data
        targets = {(row.category.pk, row.gender): chosen[row.key] for row in self.category_rows}
        if chosen.get("more_target"):
            targets[chosen["more_category"].pk, chosen.get("more_gender", "")] = chosen["more_target"]
        try:
            return match_categories(channel=self.channel, targets=targets)
        except DomainError as error:
            self.take(error)
            return None


class WordsForm(Refusing, forms.Form):
    """A field for each word; where the marketplace has a list, a choice of it."""

    def __init__(self, data: Any = None, *, channel: Channel) -> None:
        super().__init__(data)
        self.channel = channel
        self.word_rows = word_rows(channel)
        for number, row in enumerate(self.word_rows):
            self.fields[f"w-{number}"] = _word_field(row)
            self.initial[f"w-{number}"] = row.theirs

    def groups(self) -> list[tuple[Any, list[tuple[Any, Any]]]]:
        """By kind, each word with its field."""
        titles = {Kind.COLOUR: _("Colours"), Kind.SIZE: _("Sizes"), Kind.PATTERN: _("Patterns")}
        rows = [(row, self[f"w-{number}"]) for number, row in enumerate(self.word_rows)]
        found = [(title, [pair for pair in rows if pair[0].kind == kind]) for kind, title in titles.items()]
        return [(title, pairs) for title, pairs in found if pairs]

    def save(self) -> int | None:
        words = {(row.kind, row.ours): self.cleaned_data[f"w-{number}"] for number, row in enumerate(self.word_rows)}
        try:
            return match_words(channel=self.channel, words=words)
        except DomainError as error:
            self.take(error)
            return None


def _word_field(row: Any) -> forms.Field:
    if row.allowed:
        choices = [("", row.ours), *((word, word) for word in row.allowed if word != row.ours)]
        return forms.ChoiceField(label=row.ours, choices=choices, required=False)
    field = forms.CharField(label=row.ours, max_length=120, required=False)
    field.widget.attrs["placeholder"] = row.ours
    return field


class DescriptionForm(Refusing, forms.Form):
    body = forms.CharField(
        label=_("Text"), widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_("A line is a paragraph. A line whose facts are all unknown is left out."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, brand: Brand, language: str) -> None:
        self.brand, self.language = brand, language
        own = used_description(brand, language)
        self.is_own = own is not None
        super().__init__(data, initial={"body": own.body if own else shipped_description(language)})
        self.fields["body"].widget.attrs["lang"] = language

    def save(self) -> bool:
        """False where it was refused, with the reasons at the field."""
        try:
            save_description(brand=self.brand, language=self.language, body=self.cleaned_data["body"])
        except DomainError as error:
            self.take(error)
            return False
        return True

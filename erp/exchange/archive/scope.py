"""Which rows belong to a brand: found from the models themselves, so that nothing added later is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Field, FileField, ForeignKey, Model, Q, QuerySet

from catalog.models import Brand

APPS = ("catalog", "inventory", "counting", "labels", "trade", "exchange", "channels", "reports", "vision")
# What stays behind, and why. A test fails on a model that is neither reached from a brand nor named here.
LEFT_OUT = {
    "catalog.Category": "the platform's vocabulary",
    "catalog.Pattern": "the platform's vocabulary",
    "catalog.AccessToken": "opens the installation it was made in",
    "vision.ModelVersion": "the platform's models",
    "vision.Worker": "the platform's workers",
    "vision.Retraining": "the platform's trainings",
    "exchange.Archive": "an archive does not hold archives",
    "channels.Credential": "sealed with the keys of its installation: entered again",
    "channels.Connection": "made again with its credentials",
    "channels.Push": "the traffic of its installation",
    "channels.Fulfilment": "the traffic of its installation",
    "channels.Inbound": "the traffic of its installation",
    "channels.WebhookEndpoint": "signs with a key of its installation",
    "channels.WebhookDelivery": "the traffic of its installation",
}
# Rows of the platform that rows of a brand point at, and the fields that name the same row in another installation.
PLATFORM: dict[str, tuple[str, ...]] = {
    "catalog.Category": ("slug",),
    "catalog.Pattern": ("slug",),
    "catalog.Colour": ("slug",),
    "catalog.SizeRun": ("slug",),
    "catalog.Size": ("run__slug", "code"),
    "vision.ModelVersion": ("sha256",),
    "contenttypes.ContentType": ("app_label", "model"),
}
# Of these the platform has rows of its own, without a brand.
SHARED = {"catalog.Colour": "brand", "catalog.SizeRun": "brand", "catalog.Size": "run__brand"}


def models_of() -> list[type[Model]]:
    """The models whose rows belong to brands, each after those that its rows point at."""
    own = [
        model for label in APPS for model in apps.get_app_config(label).get_models() if label_of(model) not in LEFT_OUT
    ]
    ordered: list[type[Model]] = []

    def place(model: type[Model], waiting: tuple[type[Model], ...]) -> None:
        if model in ordered or model in waiting:
            return
        for field in foreign_keys(model):
            if field.related_model in own:
                place(field.related_model, (*waiting, model))
        ordered.append(model)

    for model in own:
        place(model, ())
    return ordered


def rows_of(model: type[Model], brand: Brand) -> QuerySet[Any]:
    """The brand's rows of a model, oldest first, so that what reverses comes after what it reverses."""
    path = path_to_brand(model)
    if path is None:
        raise LookupError(f"{label_of(model)} leads to no brand: add a foreign key, or name it in LEFT_OUT.")
    condition = Q(pk=brand.pk) if model is Brand else Q(**{path: brand})
    return model._base_manager.filter(condition).order_by("pk")


@cache
def path_to_brand(model: type[Model]) -> str | None:
    """The shortest way from a row to its brand, over foreign keys that are never null where there is one."""
    if model is Brand:
        return "pk"
    for keys in (_required, foreign_keys):
        seen, level = {model}, [("", model)]
        while level:
            deeper = []
            for path, at in level:
                for field in keys(at):
                    if field.related_model is Brand:
                        return path + field.name
                    if field.related_model not in seen and field.related_model._meta.app_label in APPS:
                        seen.add(field.related_model)
                        deeper.append((f"{path}{field.name}__", field.related_model))
            level = deeper
    return None


def foreign_keys(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


def _required(model: type[Model]) -> list[Any]:
    return [field for field in foreign_keys(model) if not field.null]


def files_of(model: type[Model]) -> list[FileField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, FileField)]


def user_keys(model: type[Model]) -> Iterator[Field]:
    """The fields that name a person."""
    user = apps.get_model(settings.AUTH_USER_MODEL)
    return (field for field in foreign_keys(model) if field.related_model is user)


def platform_rows(label: str) -> QuerySet[Any]:
    """The rows of a model that every brand shares."""
    rows = apps.get_model(label)._base_manager.order_by("pk")
    return rows.filter(**{SHARED[label]: None}) if label in SHARED else rows


def label_of(model: type[Model]) -> str:
    return model._meta.label

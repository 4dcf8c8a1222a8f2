"""Every address of the product, found by itself, filled with the ids of a brand that the walker does not belong to."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from catalog.days import business_day
from catalog.models import Brand, Category, Change, Colour, ProductImage, SizeRun
from catalog.services import add_image, create_product, create_token, set_size_table
from erp.core.models import User
from erp.counting.models import StockCount
from erp.counting.services import Entry, add_entries, create_count
from erp.exchange.models import Archive
from erp.inventory.models import Balance, Location, Posting, StockMovement
from erp.inventory.services import Claim, reserve
from erp.inventory.services.periods import close_period
from erp.inventory.services.seals import seal_days
from erp.labels.models import LabelSettings
from erp.reports.models import ReorderRule
from erp.reports.services import roll_up, set_rule
from tests import photos
from tests.api.shop import Shop, make_shop
from tests.channels.hidden import hidden_channel
from tests.exchange.shop import hidden_import
from tests.trade.hidden import hidden_papers
from vision.models import Analysis, Correction, ModelVersion, VisionSettings

# Stands in every text of the hidden brand: an answer to a stranger that holds it has leaked something.
MARK = "숨은표식"
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)")
OWN_APPS = ("catalog", "channels", "counting", "exchange", "inventory", "labels", "reports", "trade", "vision")


@dataclass(frozen=True)
class Route:
    name: str
    pattern: str
    namespaces: tuple[str, ...] = field(default=())

    @property
    def takes_ids(self) -> bool:
        return bool(PARAMETER.search(self.pattern)) and "<app_label>" not in self.pattern

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/")

    @property
    def is_admin(self) -> bool:
        return self.pattern.startswith("admin/")


def routes(resolver: Any = None, prefix: str = "", namespaces: tuple[str, ...] = ()) -> Iterator[Route]:
    """All routes of the project, in the order they are tried."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from routes(entry, pattern, inner)
        elif isinstance(entry, URLPattern):
            yield Route(":".join((*namespaces, entry.name or pattern)), pattern, namespaces)


@dataclass
class Hidden:
    """A brand with one of everything."""

    shop: Shop
    image: ProductImage
    posting: Posting
    movement: StockMovement
    count: StockCount
    papers: dict[str, Any]
    rule: ReorderRule

    def path(self, route: Route) -> str:
        """The address of a route, made of this brand's ids. KeyError: a new kind of parameter needs an entry here."""
        values = {
            **self.papers,
            "b/<slug:slug>": self.shop.slug,
            "brands/<slug:slug>": self.shop.slug,
            "products/<int:pk>": self.shop.product.pk,
            "variants/<int:pk>": self.shop.variants[0].pk,
            "locations/<int:pk>": self.shop.main.pk,
            "movements/<int:pk>": self.movement.pk,
            "rules/<int:pk>": self.rule.pk,
            "reorder-rules/<int:pk>": self.rule.pk,
            "postings/<uuid:public_id>": self.posting.public_id,
            "counts/<uuid:public_id>": self.count.public_id,
            "images/<uuid:public_id>": self.image.public_id,
            "<uuid:public_id>/<slug:kind>": "original",
            "files/<slug:kind>": "original",
        }

        def fill(match: re.Match[str]) -> str:
            before = route.pattern[: match.start()].rstrip("/").rpartition("/")[2]
            return str(values[f"{before}/{match.group()}"])

        return "/" + PARAMETER.sub(fill, route.pattern)

    def admin_path(self, route: Route) -> str:
        """The same for the admin, whose routes name their model."""
        label = route.pattern.removeprefix("admin/").split("/")[:2]
        pk: Any = 1
        if len(label) == 2 and label[0] in apps.app_configs and label[1] in apps.get_app_config(label[0]).models:
            pk = self._row_of(apps.get_model(*label))

        def fill(match: re.Match[str]) -> str:
            name = match.group(2) or match.group(3)
            return {"app_label": "catalog", "url": "nothing"}.get(name, str(pk))

        path = PARAMETER.sub(fill, route.pattern.replace("^", "").replace("$", ""))
        return "/" + path.replace("\\Z", "")

    def _row_of(self, model: type[Model]) -> Any:
        own: dict[type[Model], Model] = {
            Brand: self.shop.brand,
            User: self.shop.owner,
            Posting: self.posting,
            StockMovement: self.movement,
            Location: self.shop.main,
            Colour: Colour.objects.get(brand=self.shop.brand),
            SizeRun: SizeRun.objects.get(brand=self.shop.brand),
        }
        row = own.get(model) or model._default_manager.order_by("pk").first()
        return row.pk if row else 1


def hidden_brand(slug: str = "hidden") -> Hidden:
    """Made before anything of the walker's, so that the first row of each table is of this brand."""
    shop = make_shop(slug)
    brand, owner = shop.brand, shop.owner
    Brand.objects.filter(pk=brand.pk).update(name_ko=MARK, name_en=MARK)
    shop.product.name_ko = shop.product.name_en = shop.product.material = MARK
    shop.product.save()
    set_size_table(product=shop.product, actor=owner, table={"S": {"length": "68", "chest": "52.5"}})
    Location.objects.of(brand).update(name_ko=MARK, name_en=MARK)
    Colour.objects.create(brand=brand, slug="own", name_ko=MARK, code="OWN", hex="#112233")
    SizeRun.objects.create(brand=brand, slug="own", name_ko=MARK).sizes.create(code="ONE")
    create_product(brand=brand, actor=owner, name_ko=f"{MARK} 2", category=Category.objects.first())
    image = add_image(product=shop.product, data=photos.jpeg(), filename=f"{MARK}.jpg", actor=owner)
    version = ModelVersion.objects.create(name="model of the platform", sha256="0" * 64)
    analysis = Analysis.objects.filter(image=image).first() or Analysis.objects.create(image=image)
    Correction.objects.create(
        brand=brand, analysis=analysis, photo_sha256=image.sha256, task="category", suggested="shirt", label=MARK,
        accepted=False, actor=owner, model_version=version,
    )  # fmt: skip
    VisionSettings.objects.create(brand=brand)
    LabelSettings.objects.create(brand=brand, template="a4-3x8")
    posting = shop.stock(shop.variants[0], 5, note=MARK, reference=MARK)
    assert Balance.objects.of(brand).get().on_hand == 5
    count = create_count(brand=brand, location=shop.main, scope="full", actor=owner, title=MARK)
    add_entries(count=count, actor=owner, entries=[Entry(shop.variants[0].pk, 4)], device=MARK)
    papers = hidden_papers(shop, MARK)
    papers["imports/<uuid:public_id>"] = hidden_import(shop, MARK).public_id
    archive = Archive.objects.create(brand=brand, created_by=owner, problem=MARK)
    papers |= {"archives/<uuid:public_id>": archive.public_id, "archives/<int:pk>": archive.pk}
    claim = Claim(shop.variants[0].pk, 1, shop.main.pk)
    [held] = reserve(brand=brand, claims=[claim], actor=owner, idempotency_key=MARK, reference=MARK)
    papers["reservations/<int:pk>"] = held.pk
    papers["tokens/<int:pk>"] = create_token(actor=owner, name=MARK, scopes=["stock:read"], days=30)[0].pk
    papers |= hidden_channel(shop, MARK) | {
        "p/<uuid:public_id>": image.public_id,
        "<uuid:public_id>/<slug:version>": "0123456789abcdef",
    }
    papers["changes/<int:pk>"] = Change.objects.of(brand).filter(is_private=True).latest("pk").pk
    [seal, *_more] = seal_days(brand=brand, now=timezone.now() + timedelta(days=2))
    papers["seals/<int:pk>"] = seal.pk
    close_period(brand=brand, through=business_day(brand) - timedelta(days=9), actor=owner, reason=MARK)
    roll_up(brand=brand)
    rule = set_rule(brand=brand, product=shop.product, point=1, target=9)
    return Hidden(shop, image, posting, posting.movements.get(), count, papers, rule)


def snapshot(*, without: Collection[type[Model]] = ()) -> dict[str, list[Any]]:
    """Everything that a walk must leave as it was."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for label in OWN_APPS
        for model in apps.get_app_config(label).get_models()
        if model not in without
    }


def fresh_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}

"""A shop with a past: movements on chosen days, through the services."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from catalog.days import business_day, day_start
from catalog.models import Brand, Variant
from erp.inventory import services
from erp.inventory.models import Location, MovementKind, Posting
from erp.inventory.services import Line
from erp.reports.forms import ReportForm
from erp.reports.kinds import REPORTS
from erp.reports.tables import Answer
from tests.web.shop import Shop


@dataclass
class Past:
    """Moves the stock of a shop; `ago` is how many business days back, `hour` how long after the day began."""

    shop: Shop

    @property
    def brand(self) -> Brand:
        return self.shop.brand

    @property
    def main(self) -> Location:
        return self.shop.main

    def at(self, ago: int, hour: float = 4) -> datetime:
        moment = day_start(self.brand, business_day(self.brand) - timedelta(days=ago)) + timedelta(hours=hour)
        return min(moment, datetime.now(tz=moment.tzinfo)) if not ago else moment

    def move(self, kind: str, source: Any, destination: Any, pieces: Mapping[Variant, int], ago: int = 0,
             **more: Any) -> Posting:  # fmt: skip
        costs = more.pop("costs", {})
        return services.post_movements(
            brand=self.brand,
            kind=kind,
            lines=[Line(v.pk, n, source, destination, unit_cost=costs.get(v)) for v, n in pieces.items()],
            actor=self.shop.owner,
            idempotency_key=str(uuid.uuid4()),
            occurred_at=self.at(ago, more.pop("hour", 4)),
            **more,
        )

    def receive(self, pieces: Mapping[Variant, int], ago: int = 0, **more: Any) -> Posting:
        return self.move(MovementKind.RECEIPT, "supplier", self.main.pk, pieces, ago, **more)

    def sell(self, pieces: Mapping[Variant, int], ago: int = 0, **more: Any) -> Posting:
        return self.move(MovementKind.SHIPMENT, self.main.pk, "customer", pieces, ago, **more)

    def take_back(self, pieces: Mapping[Variant, int], ago: int = 0, **more: Any) -> Posting:
        return self.move(MovementKind.RETURN, "customer", self.main.pk, pieces, ago, **more)

    def reverse(self, posting: Posting, ago: int = 0) -> Posting:
        return services.reverse_posting(
            posting=posting, actor=self.shop.owner, idempotency_key=str(uuid.uuid4()), occurred_at=self.at(ago, 5)
        )

    def ask(self, name: str, **data: Any) -> Answer:
        """The answer of a report, its lines in the order a page has them."""
        report = REPORTS[name]
        form = ReportForm(data, brand=self.brand, report=report)
        assert form.is_valid(), form.errors
        answer = report.answer(form.scope())
        answer.sort(data.get("sort") or report.order)
        return answer

    def values(self, name: str, key: str, **data: Any) -> dict[Any, Any]:
        """One column, by the id of the product or variant, or by the label of the line."""
        answer = self.ask(name, **data)
        return {line.variant or line.product or line.label: line.values.get(key) for line in answer.lines}

    def url(self, name: str, **query: Any) -> str:
        return reverse(f"reports:{name}", args=[self.brand.slug], query=query or None)

    def client(self, user: Any = None) -> Client:
        return self.shop.client(user or self.shop.owner)

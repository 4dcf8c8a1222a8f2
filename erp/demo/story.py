"""Tells the papers of a brand from its file, step by step, each by the service that a page would call."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from catalog.models import Brand, Variant
from erp.core.models import User
from erp.demo import buying, counting, lending, marketplaces, selling
from erp.demo.stage import Stage

DATA = Path(__file__).parent / "data"
STEPS: dict[str, Callable[..., Any]] = {
    "partner": buying.partner,
    "buy": buying.buy,
    "deliver": buying.deliver,
    "pack": selling.pack,
    "order": selling.order,
    "pick": selling.pick,
    "ship": selling.ship,
    "pay": selling.pay,
    "return": selling.take_back,
    "lend": lending.lend,
    "give_back": lending.give_back,
    "consign": lending.consign,
    "report_sold": lending.report_sold,
    "count": counting.count,
    "rule": counting.rule,
    "channel": marketplaces.channel,
    "told": marketplaces.told,
}


def tell_papers(brand: Brand, workers: Sequence[User], products: Sequence[Sequence[Variant]]) -> None:
    """What happened in a brand besides its stock; nothing, where there is no file of it."""
    file = DATA / f"{brand.slug}.json"
    steps = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    stage = Stage(brand, workers, products)
    for step in steps:
        stage.next_step()
        does, name = STEPS[step.pop("do")], step.pop("as", "")
        made = does(stage, **step)
        if name:
            stage.made[name] = made

"""Samples that are out, and goods that lie with a partner."""

from __future__ import annotations

from datetime import timedelta

from catalog.days import business_day
from erp.demo.stage import Row, Stage
from erp.trade.models import Loan
from erp.trade.services import consignment, samples


def lend(stage: Stage, *, borrower: str, days: int, lines: list[Row], note: str) -> Loan:
    return samples.lend(
        borrower=stage.made[borrower],
        location=stage.places["main"],
        quantities=stage.pieces(lines),
        due_on=business_day(stage.brand) + timedelta(days=days),
        note=note,
        **stage.said(),
    )


def give_back(stage: Stage, *, of: str, lines: list[Row]) -> None:
    samples.take_samples_back(
        loan=stage.made[of], location=stage.places["main"], quantities=stage.pieces(lines), **stage.said()
    )


def consign(stage: Stage, *, partner: str, lines: list[Row]) -> None:
    taker = stage.made[partner]
    consignment.place_goods(partner=taker, source=stage.places["main"], quantities=stage.pieces(lines), **stage.said())
    taker.refresh_from_db()  # the first goods made a place of ours there


def report_sold(stage: Stage, *, partner: str, lines: list[Row], note: str) -> None:
    consignment.report_sold(
        partner=stage.made[partner],
        quantities=stage.pieces(lines),
        unit_prices=stage.prices(lines),
        note=note,
        **stage.said(),
    )

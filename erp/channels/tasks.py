"""Jobs of channels: ids in, one service call, safe to run twice."""

from __future__ import annotations

from erp.channels.models import Channel
from erp.channels.services import (
    checks,
    delivering,
    exports,
    inbound,
    listening,
    order_files,
    outbox,
    pushing,
    retention,
    telling_parcels,
)
from erp.core.jobs import every, nightly


def check_channel(channel_id: int) -> int:
    channel = Channel.objects.select_related("brand").filter(pk=channel_id).first()
    return checks.check_channel(channel=channel) if channel else 0


def run_export(export_id: int) -> str:
    return exports.run_export(export_id=export_id)


@every("Take up the exports that nobody makes any more", minutes=1)
def resume_stalled_exports() -> int:
    return exports.resume_stalled_exports()


def read_order_file(file_id: int) -> str:
    return order_files.read_order_file(file_id=file_id)


@every("Take up the files of orders that nobody reads any more", minutes=1)
def resume_stalled_order_files() -> int:
    return order_files.resume_stalled_order_files()


def run_push(push_id: int) -> str:
    return pushing.run_push(push_id=push_id)


def work_off_inbound(inbound_id: int) -> str:
    return inbound.work_off(inbound_id=inbound_id)


def tell_parcel(fulfilment_id: int) -> str:
    return telling_parcels.tell_parcel(fulfilment_id=fulfilment_id)


@every("Tell live marketplaces what left and was not told", minutes=1)
def sweep_parcels() -> int:
    return telling_parcels.sweep_parcels()


def listen_to_shop(channel_id: int) -> str:
    return listening.listen_to_shop(channel_id=channel_id)


@every("Ask shops again that did not answer whether they deliver their orders", minutes=10)
def listen_again() -> int:
    return listening.listen_again()


def deliver_due(endpoint_id: int) -> int:
    return delivering.deliver_due(endpoint_id=endpoint_id)


@every("Tell live marketplaces what changed", minutes=1)
def push_changes() -> int:
    return pushing.resume_pushes() + pushing.push_changes()


@every("Work off what shops delivered and a kill left", minutes=1)
def sweep_inbound() -> int:
    return inbound.sweep_inbound()


@every("Send the webhooks that are due", minutes=1)
def sweep_webhooks() -> int:
    return delivering.sweep()


@every("Tell webhooks of stock that moved untold", minutes=10)
def catch_up_stock() -> int:
    return outbox.catch_up_stock()


@nightly("Forget old files of exports and orders", hour=4)
def forget_files() -> int:
    return retention.forget_files()


@nightly("Forget old deliveries of webhooks", hour=4)
def forget_deliveries() -> int:
    return delivering.forget_deliveries() + inbound.forget_inbound()

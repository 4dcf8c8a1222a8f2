"""What marketplaces would refuse, kept by listing: found anew after something changed, chunk by chunk."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django_q.tasks import async_task

from catalog.models import Variant
from erp.channels.formats.findings import ERROR, findings
from erp.channels.models import Channel, ChannelListing, ListingFinding
from erp.channels.pictures import page_address
from erp.channels.resolving import Resolver, of_channel
from erp.channels.templates import template_for

CHUNK = 50
# So many are checked while the page is made: a tenth of a second.
AT_ONCE = 60
RUN_TASK = "erp.channels.tasks.check_channel"
Status = ChannelListing.Status

log = structlog.get_logger(__name__)


def unchecked(channel: Channel) -> Any:
    """What is to be checked: what somebody noted, and what changed since, however it was written."""
    newer = Variant.objects.filter(product=OuterRef("product"), updated_at__gt=OuterRef("checked_at"))
    changed = Q(product__updated_at__gt=F("checked_at")) | Exists(newer)
    return ChannelListing.objects.filter(Q(checked_at=None) | changed, channel=channel)


def check_channel(*, channel: Channel, most: int | None = None) -> int:
    """Checks what is not checked, or so many of it, and gives their number. Safe to run twice and beside itself."""
    resolver, done = Resolver(channel, picture_url=page_address(channel.brand.slug)), 0
    while most is None or done < most:
        count = _check_chunk(channel, resolver)
        if not count:
            break
        done += count
    return done


def check_again(*, channel: Channel) -> None:
    """Everything anew, whether or not Jangbu knows of a change."""
    ChannelListing.objects.filter(channel=channel).update(checked_at=None)
    enqueue_check(channel)


def enqueue_check(channel: Channel) -> None:
    """A broker that is down loses nothing: opening the page adds the job again."""
    pk = channel.pk

    def add() -> None:
        try:
            async_task(RUN_TASK, pk, save=False)
        except Exception:
            log.exception("enqueue_failed", channel=pk)

    transaction.on_commit(add)


@transaction.atomic
def _check_chunk(channel: Channel, resolver: Resolver) -> int:
    """Rows are held while they are judged: a change that comes meanwhile waits, and then has them checked again."""
    free = of_channel(channel).filter(pk__in=unchecked(channel).values("pk"))
    listings = list(free.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:CHUNK])
    if not listings:
        return 0
    template, now = template_for(channel), timezone.now()
    rows: list[ListingFinding] = []
    by_errors: defaultdict[int, list[int]] = defaultdict(list)
    for listing, facts in zip(listings, resolver.facts(listings), strict=True):
        found = list(findings(template, [facts]))
        by_errors[sum(1 for finding in found if finding.level == ERROR)].append(listing.pk)
        rows += [ListingFinding.of(finding, listing=listing) for finding in found]
    # What was left out because of what is mended now is ready again; what a marketplace said itself stays.
    mended = ChannelListing.objects.filter(pk__in=by_errors[0], status=Status.ERROR, errors__gt=0)
    mended.update(status=Status.READY, problem="", updated_at=now)
    for errors, pks in by_errors.items():
        ChannelListing.objects.filter(pk__in=pks).update(errors=errors, checked_at=now)
    ListingFinding.objects.filter(listing__in=[listing.pk for listing in listings]).delete()
    ListingFinding.objects.bulk_create(rows, batch_size=500)
    return len(listings)


def findings_by_rule(channel: Channel) -> list[dict[str, Any]]:
    """Each rule and field that something of the channel breaks, with how many products, the most first."""
    products: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    rows = ListingFinding.objects.filter(listing__channel=channel).order_by()
    for level, code, field, _listing in rows.values_list("level", "code", "field", "listing").distinct():
        products[level, code, field] += 1
    groups = [{"level": key[0], "code": key[1], "field": key[2], "count": n} for key, n in products.items()]
    return sorted(groups, key=lambda group: (group["level"] != ERROR, -int(group["count"]), str(group["field"])))

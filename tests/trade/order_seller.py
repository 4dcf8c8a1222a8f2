"""A process that sells piece by piece through `sell_now` until a refusal or its last try: a line of JSON says what."""

from __future__ import annotations

import json
import os
import sys
from uuid import uuid4

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
    from erp.core.errors import DomainError
    from erp.core.models import User
    from erp.inventory.models import Location
    from erp.trade.models import Partner
    from erp.trade.services import orders
    from erp.trade.services.orders import Entry

    task = json.loads(sys.stdin.readline())
    location = Location.objects.select_related("brand").get(pk=task["location"])
    buyer = Partner.objects.select_related("brand").get(pk=task["buyer"])
    actor = User.objects.get(pk=task["actor"])
    print("ready", flush=True)
    sys.stdin.readline()
    sold, refusals = 0, []
    for _try in range(task["tries"]):
        try:
            orders.sell_now(
                brand=location.brand,
                actor=actor,
                idempotency_key=uuid4().hex,
                entries=[Entry(1, variant_id=task["variant"])],
                location=location,
                buyer=buyer,
            )
            sold += 1
        except DomainError as error:
            refusals.append([error.code, [problem.line for problem in error.problems]])
    print(json.dumps({"sold": sold, "refusals": refusals}))


if __name__ == "__main__":
    main()

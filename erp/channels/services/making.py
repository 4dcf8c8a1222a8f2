"""The file of an export: chunk by chunk, what is in memory does not grow with the number of listings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any

from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from erp.channels.facts import ListingFacts
from erp.channels.formats.findings import DESTROYING, ERROR, WARNING, Finding, findings
from erp.channels.formats.shopee import fill
from erp.channels.formats.values import Cell
from erp.channels.formats.writing import rows_of, write
from erp.channels.models import ChannelListing, Export, ExportFinding, ExportLine
from erp.channels.resolving import Resolver, images_of, of_channel
from erp.channels.services.parcels import write_tracking
from erp.channels.services.sent import clear_stale, note_sent
from erp.channels.services.zips import check_pictures, picture_cells, write_pictures
from erp.channels.templates import picture_rule, template_for

CHUNK = 200
BREATH = 5.0
MOST_FINDINGS = 20  # of one listing
State, What, Status = Export.State, Export.What, ChannelListing.Status
Rows = list[list[Cell]]


class OutOfDate(Exception):
    """Somebody else makes this export now."""


@dataclass(slots=True)
class Tally:
    """How many listings went out, did not change, or are to be mended first; and which hold as they are."""

    sent: int = 0
    unchanged: int = 0
    left_out: int = 0
    warned: int = 0
    destroys: bool = False
    held: list[tuple[datetime, list[int]]] = field(default_factory=list)


@dataclass(slots=True)
class Read:
    """A listing that was read: what it is, and what goes out of it."""

    listing: ChannelListing
    facts: ListingFacts
    rows: Rows


class Making:
    """Makes one export, once: `make` writes the file and the record."""

    def __init__(self, export: Export, picture_url: Callable[[Any], str]) -> None:
        self.export = export
        self.rule = picture_rule(export.channel)
        self.template = template_for(export.channel, export.what)
        self.identities = {column.header for column in self.template.columns if column.identity}
        self.resolver = Resolver(export.channel, picture_url=picture_url, of_stock=export.what == What.STOCK)
        self.tally = Tally()
        self.seen = monotonic()
        self.whole = self.template.whole and export.what == What.PRODUCTS
        self.only_changes = export.only_changes and not self.whole

    def make(self) -> None:
        export = self.export
        export.lines.all().delete()
        export.findings.all().delete()
        export.shipments.all().delete()
        with translation.override(export.created_by.language), TemporaryFile() as file:
            export.lines_count = self._write(file)
            self._keep(file)

    def _write(self, file: IO[bytes]) -> int:
        if self.export.what == What.TRACKING:
            self.tally.sent, lines = write_tracking(self.export, file)
            return lines
        if self.export.what == What.PICTURES:
            listings = ((read.facts, images_of(read.listing)) for read in self._read())
            return write_pictures(listings, file, self.rule, self._breathe)
        if self.export.channel.kind == "shopee" and self.form:
            with self.form.open("rb") as form:
                return fill(form.read(), (read.facts for read in self._read()), file)
        rows = (row for read in self._read() for row in read.rows)
        export = self.export
        return write(self.template, rows, file, title=str(export.channel.brand), link=export.channel.shop_url)

    @property
    def table(self) -> str:
        """What the record calls the template."""
        return f"{self.template.key}-{self.template.version}"[:40]

    @property
    def form(self) -> Any:
        """The marketplace's own form that people uploaded, where this export fills one."""
        own = getattr(self.export.channel, "template", None)
        return own.file if own and own.file and self.export.what == What.PRODUCTS else None

    def _read(self) -> Iterator[Read]:
        """Every listing that goes out. A chunk is noted as read before it is: what changes after that stays stale."""
        pks = list(self._wanted().order_by("product__style_number", "pk").values_list("pk", flat=True))
        self._alive(0, total=len(pks))
        for start in range(0, len(pks), CHUNK):
            moment = timezone.now()
            chunk = pks[start : start + CHUNK]
            ChannelListing.objects.filter(pk__in=chunk).update(read_at=moment)
            listings = of_channel(self.export.channel, retired=self.export.what == What.STOCK).filter(pk__in=chunk)
            yield from self._judged(list(listings), moment)
            self._alive(len(chunk))

    def _wanted(self) -> QuerySet[ChannelListing]:
        listings = ChannelListing.objects.filter(channel=self.export.channel).exclude(status=Status.DRAFT)
        if self.export.what != What.STOCK or not self.only_changes:
            return listings
        told = ExportLine.objects.filter(
            export__channel=self.export.channel, export__what=What.STOCK, export__state=State.DONE
        )
        return listings.filter(Q(stale_since__isnull=False) | ~Q(pk__in=told.values("listing")))

    def _judged(self, chunk: Sequence[ChannelListing], moment: datetime) -> Iterator[Read]:
        before = self._sent_before(chunk)
        lines: list[ExportLine] = []
        found: list[ExportFinding] = []
        refused: list[ChannelListing] = []
        held: list[int] = []
        for listing, facts in zip(chunk, self.resolver.facts(chunk), strict=True):
            if self.whole and not facts.published:  # what is not in the file is gone
                held.append(listing.pk)
                continue
            # What leaves it out is told first, and so is kept.
            wrong = sorted(self._findings(listing, facts), key=lambda finding: finding.level != ERROR)
            found += [
                ExportFinding.of(finding, export=self.export, listing=listing) for finding in wrong[:MOST_FINDINGS]
            ]
            if errors := [finding for finding in wrong if finding.level == ERROR]:
                listing.status, listing.problem = Status.ERROR, str(errors[0].message)[:300]
                listing.updated_at = timezone.now()
                refused.append(listing)
                continue
            rows = self._rows(listing, facts)
            last = before.get(listing.pk)
            line = self._line(listing, facts, rows, last, moment)
            if renamed := self._renamed(facts, line):
                wrong.append(renamed)
                found.append(ExportFinding.of(renamed, export=self.export, listing=listing))
            if self.only_changes and last and last.digest == line.digest and not self._is_wanted_anew(listing):
                held.append(listing.pk)
                continue
            lines.append(line)
            self.tally.destroys |= any(finding.code in DESTROYING for finding in wrong)
            self.tally.warned += bool(wrong)
            yield Read(listing, facts, rows)
        ExportLine.objects.bulk_create(lines)
        ExportFinding.objects.bulk_create(found)
        self._count(lines, refused, held, moment)

    def _count(self, lines: list[ExportLine], refused: list[ChannelListing], held: list[int], moment: datetime) -> None:
        if self.export.what == What.PRODUCTS:
            _note_refused(refused)
        self.tally.sent += len(lines)
        self.tally.left_out += len(refused)
        self.tally.unchanged += len(held)
        self.tally.held.append((moment, held))

    def _findings(self, listing: ChannelListing, facts: ListingFacts) -> Iterable[Finding]:
        if self.export.what == What.PICTURES:
            return check_pictures(facts, images_of(listing), self.rule)
        return findings(self.template, [facts])

    def _rows(self, listing: ChannelListing, facts: ListingFacts) -> Rows:
        if self.export.what == What.PICTURES:
            return picture_cells(facts, images_of(listing))
        return rows_of(self.template, facts)

    @property
    def headers(self) -> Sequence[str]:
        return [_("File"), _("Photo")] if self.export.what == What.PICTURES else self.template.headers

    def _line(
        self, listing: ChannelListing, facts: ListingFacts, rows: Rows, last: ExportLine | None, moment: datetime
    ) -> ExportLine:
        options, texts = [facts.colours, facts.sizes], _texts(rows)
        return ExportLine(
            export=self.export,
            listing=listing,
            digest=digest_of(texts),
            cells=texts,
            changes=self._changes(last, texts),
            is_new=last is None,
            options=options if options != listing.options_before else [],
            read_at=moment,
        )

    def _is_wanted_anew(self, listing: ChannelListing) -> bool:
        """Whether somebody made it ready since it went out: it may have been ended there."""
        return self.export.what == What.PRODUCTS and listing.status == Status.READY

    def _changes(self, last: ExportLine | None, texts: list[list[str]]) -> dict[str, Any]:
        """Cells are kept without their headings: those of another table are not compared."""
        if last is None:
            return {}
        own = getattr(self.export.channel, "template", None) if self.export.what == What.PRODUCTS else None
        if last.export.template == self.table and (own is None or own.updated_at <= last.read_at):
            return difference(self.headers, last.cells, texts)
        return {_("Kind of file"): [last.export.template, self.table]}

    def _renamed(self, facts: ListingFacts, line: ExportLine) -> Finding | None:
        """What the marketplace knew the product by is another now, and it would have both."""
        for header, (before, now) in line.changes.items():
            if header in self.identities:
                params = {"before": before, "now": now}
                return Finding("renamed", header, facts.handle, level=WARNING, params=params)
        return None

    def _sent_before(self, listings: Sequence[ChannelListing]) -> dict[int, ExportLine]:
        """What each listing looked like when it last went out, by listing."""
        lines = ExportLine.objects.filter(
            listing__in=listings,
            export__channel=self.export.channel,
            export__what=self.export.what,
            export__state=State.DONE,
        )
        return {line.listing_id: line for line in lines.select_related("export").order_by("export_id")}

    def _alive(self, done: int, *, total: int | None = None) -> None:
        """A sign of life, and how far it is. Raises OutOfDate where the run is over."""
        self.seen = monotonic()
        self.export.looked_at += done
        news: dict[str, Any] = {"looked_at": self.export.looked_at, "updated_at": timezone.now()}
        if total is not None:
            news["total"] = self.export.total = total
        mine = Export.objects.filter(pk=self.export.pk, run=self.export.run, state=State.MAKING)
        if not mine.update(**news):
            raise OutOfDate

    def _breathe(self) -> None:
        """A sign of life every few seconds, for work on one listing that takes long."""
        if monotonic() - self.seen > BREATH:
            self._alive(0)

    def _keep(self, file: IO[bytes]) -> None:
        """The exact bytes and the record, unless somebody else went on with it meanwhile."""
        export, tally = self.export, self.tally
        export.size = file.seek(0, 2)
        file.seek(0)
        export.sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        export.template, export.file_name = self.table, self._name()
        export.state = State.HELD if tally.destroys else State.DONE
        export.listings_count, export.unchanged = tally.sent, tally.unchanged
        export.left_out, export.warned = tally.left_out, tally.warned
        file.seek(0)
        export.file.save("", File(file), save=False)
        with transaction.atomic():
            mine = Export.objects.select_for_update().filter(pk=export.pk, run=export.run, state=State.MAKING)
            if not mine.exists():
                export.file.storage.delete(str(export.file.name))
                raise OutOfDate
            export.save()
            for moment, listings in tally.held:
                clear_stale(Q(pk__in=listings), moment, export.what)
            if export.state == State.DONE:
                note_sent(export)

    def _name(self) -> str:
        stamp = timezone.localtime(self.export.created_at).strftime("%Y%m%d-%H%M")
        endings = {What.PICTURES: "zip"} | ({What.PRODUCTS: "xlsx"} if self.form else {})
        ending = endings.get(What(self.export.what), self.template.file)
        key = self.template.key if self.export.what != What.PICTURES else f"{self.template.key}-pictures"
        return f"{key}-{stamp}.{ending}"


@transaction.atomic
def _note_refused(listings: Sequence[ChannelListing]) -> None:
    """Not on those that somebody took back meanwhile: they would go out again once they are mended."""
    rows = ChannelListing.objects.filter(pk__in=[row.pk for row in listings]).order_by("pk")
    held = set(rows.exclude(status=Status.DRAFT).select_for_update(no_key=True).values_list("pk", flat=True))
    ChannelListing.objects.bulk_update([row for row in listings if row.pk in held], ["status", "problem", "updated_at"])


def digest_of(texts: Sequence[Sequence[str]]) -> str:
    return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()


def _texts(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    return [[str(value) for value in row] for row in rows]


def difference(headers: Sequence[str], before: Sequence[Sequence[str]], now: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Header -> [before, now] of the first line that differs; of a listing that was never sent, nothing."""
    changes: dict[str, Any] = {}
    for old, new in zip(before, now, strict=False):
        for header, was, became in zip(headers, old, new, strict=False):
            if was != became:
                changes.setdefault(header, [was, became])
    if before and len(before) != len(now):
        changes[_("lines")] = [str(len(before)), str(len(now))]
    return changes

"""One entry of the record, as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import JsonValue

from api.pages import words
from api.pages.fields import Detail, Links, Value, corrected, corrections_of, read, values
from api.pages.language import say
from api.pages.moments import Moment, age, day, lag, length, moment
from api.pages.shapes import Group, Shape, shape_of
from api.pages.verdicts import VoiceView, voice_view
from domain.case.decision import DecisionMade
from domain.case.fact import Fact
from domain.case.record import RecordCorrected
from domain.case.view import OwnWords
from domain.dates import PartialDate, civil
from ledger.mapper import Entry
from projections.answers import Shown
from projections.timeline.rows import ATTACHED


@dataclass(frozen=True, slots=True)
class Words:
    """The child's own words as said: letter for letter, in their language and direction."""

    text: str
    language: str | None
    translation: str | None = None
    translated_by: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """
    Who wrote an entry down, when, and where it comes from.

    For an imported entry `author` is who wrote it in the source. Whoever put it in is never shown as its author.
    `return_` marks what came from a yearly return to the government, which holds neither views nor days of decisions.
    """

    author: str | None
    role: str
    on_behalf_of: str | None
    recorded: Moment
    late: str | None
    system: str | None = None
    written: Moment | None = None
    grade: str = ""
    return_: bool = False
    put_in_said: bool = False
    """Whether the page says elsewhere when this came into the record."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry. What the child said, what an adult made of it, and everything else stand in places of their own."""

    ref: str
    group: Group
    quiet: bool
    heading: str
    href: str
    when: Moment
    first_stated: Moment | None
    when_note: str
    """What the date says, where it is not that of the entry itself."""
    age: str
    lead: tuple[Value, ...]
    words_label: str
    words: tuple[Words, ...]
    readings: tuple[Detail, ...]
    passages: tuple[Detail, ...]
    rows: tuple[Detail, ...]
    more: tuple[Detail, ...]
    origin: Origin
    attached: tuple[EntryView, ...]
    voice: VoiceView | None
    year: int
    technical: tuple[Detail, ...]
    stands_beside: bool
    """Whether it is also shown beside the entry it is about."""


def entry_view(shown: Shown, links: Links, born: PartialDate | None) -> EntryView:
    """Give an entry as a page shows it, with what was said about it later beside it."""
    return _view(
        shown.entry,
        shown.when,
        shown.sort_at.year,
        links,
        born,
        corrections=corrections_of(shown.attached),
        attached=tuple(
            _view(entry, entry.event.when, shown.sort_at.year, links, born, target=shown.entry.event)
            for entry in shown.attached
        ),
        voice=shown.voice,
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """What the child said that bears on a decision, and how long before or after it that was."""

    entry: EntryView
    timing: str


def heard(view: Shown, decision: Shown, links: Links, born: PartialDate | None) -> Heard:
    """Give a view beside the decision it bears on."""
    decided, _ = corrected(decision.entry.event, corrections_of(decision.attached), "decided")
    return Heard(entry_view(view, links, born), _timing(view.when, decided))


def mentioned(shown: Iterable[Shown]) -> list[str]:
    """Give the references these entries point at, so that their names can be looked up."""
    refs: dict[str, None] = {}
    for each in shown:
        for entry in (each.entry, *each.attached):
            refs.update(dict.fromkeys(entry.event.about))
        if each.voice is not None:
            refs.update(dict.fromkeys(ref for finding in each.voice["now"]["findings"] for ref in finding["rests_on"]))
    return list(refs)


def _view(  # noqa: PLR0913 - one argument for each thing that is known about an entry
    entry: Entry[Fact],
    when: PartialDate | None,
    year: int,
    links: Links,
    born: PartialDate | None,
    *,
    target: Fact | None = None,
    corrections: dict[str, JsonValue] | None = None,
    attached: tuple[EntryView, ...] = (),
    voice: dict[str, Any] | None = None,
) -> EntryView:
    fact = entry.event
    assert entry.recorded_at is not None  # noqa: S101 - entries read from the log have it
    recorded = civil(entry.recorded_at)
    shape = shape_of(fact.TOPIC)
    laid_out = LaidOut(fact, shape, links, corrections or {}, target)
    dated, when_note = _dated(fact, when, corrections or {}, recorded.date())
    about_decision = None
    if voice is not None:
        imported = fact.by.provenance is not None
        about_decision = voice_view(voice, links, recorded=day(recorded.date()), from_older_source=imported)
    return EntryView(
        ref=fact.ref,
        group=shape.group,
        quiet=shape.quiet,
        heading=say(fact.PHRASE),
        href=links.to(fact.ref),
        when=moment(dated),
        when_note=when_note,
        first_stated=moment(fact.when) if fact.DATED in (corrections or {}) else None,
        age=age(born, dated),
        lead=laid_out.lead(),
        words_label=words.label(fact.TOPIC, shape.words[0]) if shape.words else "",
        words=laid_out.words(),
        readings=laid_out.details(shape.readings),
        passages=laid_out.details(shape.passages),
        rows=laid_out.rows(),
        more=laid_out.more(),
        origin=_origin(fact, dated, recorded.date(), said=bool(about_decision and about_decision.put_in)),
        attached=attached,
        voice=about_decision,
        year=year,
        technical=_technical(entry, fact),
        stands_beside=fact.TOPIC in ATTACHED,
    )


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A fact with its shape: every field goes to exactly one place."""

    fact: Fact
    shape: Shape
    links: Links
    corrections: dict[str, JsonValue]
    target: Fact | None

    def lead(self) -> tuple[Value, ...]:
        """What stands under the heading; a correction of it is told under *More*."""
        return tuple(said for name in self.shape.lead for said in self._values(name, getattr(self.fact, name)))

    def words(self) -> tuple[Words, ...]:
        """The child's own words are shown as first recorded, always; a correction stands beside them."""
        said: list[Words] = []
        for name in self.shape.words:
            held = getattr(self.fact, name)
            said.extend(
                _words(each) if isinstance(each, OwnWords) else Words(each, None)
                for each in (held if isinstance(held, tuple) else (held,))
            )
        return tuple(said)

    def rows(self) -> tuple[Detail, ...]:
        """The short facts, and for a correction what the entry said first."""
        rows = self.details(self.shape.rows)
        if not isinstance(self.fact, RecordCorrected):
            return rows
        target = self.target
        if target is None and (held := self.links.entries.get(self.fact.of)) is not None:
            target = held.entry.event
        if target is None or self.fact.field not in type(target).model_fields:
            return rows
        first = values(target, self.fact.field, getattr(target, self.fact.field), self.links) or (
            Value(say("nothing")),
        )
        now = values(target, self.fact.field, read(target, self.fact.field, self.fact.value), self.links)
        which = Detail(words.label("record.corrected", "field"), (Value(words.label(target.TOPIC, self.fact.field)),))
        told = {which.label, *(words.label("record.corrected", name) for name in ("to", "words"))}
        rest = tuple(row for row in rows if row.label not in told)
        return (which, Detail(say("It said"), first), Detail(say("It says now"), now), *rest)

    def more(self, *elsewhere: str) -> tuple[Detail, ...]:
        """Every field that stands nowhere else, and corrections of what the lead says."""
        shape = self.shape
        placed = {*elsewhere, *shape.words, *shape.readings, *shape.passages, *shape.rows, "ref", "by"}
        placed |= {name for name in shape.lead if name not in self.corrections}
        if self.fact.DATED:
            placed.add(self.fact.DATED)
        return self.details(tuple(name for name in type(self.fact).model_fields if name not in placed))

    def details(self, names: tuple[str, ...]) -> tuple[Detail, ...]:
        """Fields by their names, as they stand now; a field without a value is left out."""
        made = []
        for name in names:
            now, first = corrected(self.fact, self.corrections, name)
            was = () if first is None else self._values(name, first)
            if said := self._values(name, now):
                made.append(Detail(words.label(self.fact.TOPIC, name), said, was))
        return tuple(made)

    def _values(self, name: str, value: Any) -> tuple[Value, ...]:
        return values(self.fact, name, value, self.links)


def _dated(
    fact: Fact, when: PartialDate | None, corrections: dict[str, JsonValue], recorded: date
) -> tuple[PartialDate | None, str]:
    """Give the date to show. A decision of which only the effect is known shows that, and says so."""
    if not fact.DATED:
        return PartialDate.on(recorded), ""
    if isinstance(fact, DecisionMade) and corrected(fact, corrections, "decided")[0] is None:
        effective, _ = corrected(fact, corrections, "effective")
        if isinstance(effective, PartialDate):
            return effective, say("when it took effect; the day it was decided is not known")
    return when, ""


def _timing(said: PartialDate | None, decided: PartialDate | None) -> str:
    if said is None or decided is None:
        return ""
    if said.before(decided):
        days = (decided.first_day - said.last_day).days
        if not days:
            return say("before this was decided, on the same day")
        return say("{time} before this was decided", time=length(days))
    if said.after(decided):
        days = (said.first_day - decided.last_day).days
        if not days:
            return say("after this was decided, on the same day")
        return say("{time} after this was decided", time=length(days))
    return say("the record does not show whether before or after this was decided")


def _origin(fact: Fact, when: PartialDate | None, recorded: date, *, said: bool) -> Origin:
    by = fact.by
    role = words.code(by.role)
    on = Moment(day(recorded), recorded.isoformat())
    if by.provenance is None:
        return Origin(by.actor, say(words.BY_LINES[by.role]), by.on_behalf_of, on, lag(when, recorded))
    source = by.provenance
    return Origin(
        author=source.author,
        role=role,
        on_behalf_of=None,
        recorded=on,
        late=None if source.recorded is None else lag(when, source.recorded.first_day),
        system=source.system,
        written=None if source.recorded is None else moment(source.recorded),
        grade=f"{source.grade}: {words.code(source.grade)}",
        return_=source.effects_only is True,
        put_in_said=said,
    )


def _technical(entry: Entry[Fact], fact: Fact) -> tuple[Detail, ...]:
    """What somebody needs who checks the entry against the evidence."""
    assert entry.recorded_at is not None  # noqa: S101 - entries read from the log have it
    by = fact.by
    held = [
        (say("Reference"), Value(fact.ref)),
        (say("Kind of entry"), Value(say("{topic}, version {number}", topic=fact.TOPIC, number=fact.VERSION))),
        (say("Place in this record"), Value(str(entry.originator_version))),
        (say("Place in the log"), Value(str(entry.position))),
        (say("Recorded at (UTC)"), Value(entry.recorded_at.strftime("%Y-%m-%d %H:%M:%S"))),
        (say("Put in by"), Value(f"{by.actor} ({words.code(by.role)})", said=True)),
        (say("At the request of"), Value(by.on_behalf_of or "")),
        (say("Rules in force"), Value(by.rule_pack)),
        (say("Number in the source"), Value((by.provenance.source_id or "") if by.provenance else "")),
    ]
    return tuple(Detail(name, (value,)) for name, value in held if value.text)


def _words(said: OwnWords) -> Words:
    return Words(said.words, said.language, said.translation, said.translated_by)

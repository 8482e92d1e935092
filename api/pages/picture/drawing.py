"""The lanes of the picture, one under the other, and what joins a decision to the view before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from api.pages.fields import Links, Value
from api.pages.language import say, say_number
from api.pages.moments import moment
from api.pages.picture import names
from api.pages.picture.bands import Band, bands
from api.pages.picture.marks import SINGLE, Item, Mark, Span, along, height, placed, span
from api.pages.picture.scale import Scale, Tick
from api.pages.picture.telling import Told, told
from domain.dates import PartialDate
from domain.voice.verdict import VerdictClass
from domain.voice.wording import Tone
from projections.overview.overview import Change, Overview, Stay

SIZES: Final = (("wide", 28, 720, 9), ("narrow", 10, 250, 3))
"""For a desk and for a phone: how many marks stand side by side, how many pixels wide, how many ticks."""

_LABEL: Final = 24
_BETWEEN: Final = 46
_BAND: Final = 26
_THIN: Final = 16
_SPACE: Final = 8
_MOST_PEOPLE: Final = 8


@dataclass(frozen=True, slots=True)
class Lane:
    """The name of a lane and where it stands."""

    name: str
    y: int
    said: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark, how far down it stands, how it is called and where it leads."""

    mark: Mark
    y: int
    said: Value
    more: str
    name: str


@dataclass(frozen=True, slots=True)
class Join:
    """A line from what the child said to a decision, or an open end where there is nothing to join."""

    x1: str
    y1: int
    x2: str
    y2: int
    tone: Tone
    form: str
    """`before`, `after`, `unsure` or `open`."""


@dataclass(frozen=True, slots=True)
class Row:
    """Bands on one line."""

    y: int
    height: int
    bands: tuple[Band, ...]
    form: str
    lane: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture for one size of screen."""

    size: str
    height: int
    axis: int
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    joins: tuple[Join, ...]
    marks: tuple[Placed, ...]
    spans: tuple[tuple[Span, int], ...]
    rows: tuple[Row, ...]
    gaps: tuple[Band, ...]
    not_drawn: tuple[Row, ...]
    """Contact with more people than there is room for."""

    @property
    def looks(self) -> tuple[tuple[str, str], ...]:
        """Give how views look in it, each once, and what that means."""
        views = {each.mark.look: each.mark.items[0].label for each in self.marks}
        return tuple((look, views[look]) for look in names.LOOKS_OF_VIEWS.values() if look in views)

    @property
    def forms(self) -> frozenset[str]:
        """Give the forms of the lines in it."""
        return frozenset(each.form for each in self.joins)


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture in its sizes, a sentence that sums it up, and the same told in words."""

    sentence: str
    drawings: tuple[Drawing, ...]
    told: tuple[Told, ...]
    undated: int
    not_drawn: int
    """How many people there is no room for in the picture: contact with them is told in words only."""


def picture_of(overview: Overview, links: Links, on: date, born: PartialDate | None) -> Picture | None:
    """Draw a time in care up to its end or to a day, with the child's ages; nothing, where there is nothing to draw."""
    spoken = [item for each in overview.spoken if (item := names.spoken_item(each, links)) is not None]
    changes = [item for each in overview.changes if (item := names.change_item(each, links)) is not None]
    stays = (
        *overview.homes,
        *overview.away,
        *overview.orders,
        *(s for held in overview.contact.values() for s in held),
    )
    undated = sum(each.since is None for each in stays)
    begun = [each.since.first_day for each in stays if each.since and each.since.first_day <= on]
    first = [item.when.first_day for item in (*spoken, *changes)] + begun + _days(overview.begun)
    if not (spoken or changes or begun):
        return None
    end = min(overview.closed_on.last_day, on) if overview.closed_on else on
    last = max(end, *(item.when.last_day for item in (*spoken, *changes)), min(first))
    scale = Scale.over(min(first), min(last, max(on, end)))
    said, decided = along(spoken, scale), along(changes, scale)
    drawings = tuple(_Stack(overview, links, scale, end, born, *size).drawing(said, decided) for size in SIZES)
    return Picture(
        sentence=_sentence(overview, scale, len(spoken)),
        drawings=drawings,
        told=told(drawings[0].marks, (*drawings[0].rows, *drawings[0].not_drawn), drawings[0].gaps, links, scale),
        undated=len(overview.spoken) + len(overview.changes) - len(spoken) - len(changes) + undated,
        not_drawn=len(drawings[0].not_drawn),
    )


class _Stack:
    """Puts lanes under each other, from the top."""

    def __init__(  # noqa: PLR0913 - what a size of screen comes to
        self,
        overview: Overview,
        links: Links,
        scale: Scale,
        end: date,
        born: PartialDate | None,
        size: str,
        most: int,
        pixels: int,
        ticks: int,
    ) -> None:
        self.born = born
        self.overview, self.links, self.scale, self.end = overview, links, scale, end
        self.size, self.most, self.pixels, self.most_ticks = size, most, pixels, ticks
        self.y = 0
        self.lanes: list[Lane] = []
        self.rows: list[Row] = []

    def drawing(self, spoken: list[tuple[float, Item]], changes: list[tuple[float, Item]]) -> Drawing:
        """Draw every lane that has something in it."""
        said = placed(spoken, most=self.most, looks=tuple(names.LOOKS_OF_VIEWS.values()))
        decided = placed(changes, most=self.most, looks=names.LOOKS_OF_ANSWERS)
        upper = self._views(said)
        lower = self._decisions(decided)
        joins = self._joins({item.ref: each for each in upper for item in each.mark.items}, lower)
        self._homes()
        self._bands(say("Legal order"), self.overview.orders, names.order)
        not_drawn = self._people()
        ticks = self.scale.ticks(self.most_ticks, self.born)
        return Drawing(
            size=self.size,
            height=self.y + (38 if self.born else 22),
            axis=self.y,
            ticks=ticks,
            lanes=tuple(self.lanes),
            joins=tuple(joins),
            marks=(*upper, *lower),
            spans=tuple((found, each.y) for each in (*upper, *lower) if (found := span(each.mark, self.scale))),
            rows=tuple(self.rows),
            gaps=self._made(self.overview.gaps, _no_names),
            not_drawn=not_drawn,
        )

    def _views(self, marks: tuple[Mark, ...]) -> list[Placed]:
        self._label(say("What the child said or showed"))
        self.y += height(marks)
        return [self._placed(mark, self.y - mark.above - mark.height) for mark in marks]

    def _decisions(self, marks: tuple[Mark, ...]) -> list[Placed]:
        self.y += _BETWEEN - _LABEL
        self._label(say("Big decisions"))
        found = [self._placed(mark, self.y + mark.above) for mark in marks]
        self.y += height(marks) + _SPACE
        return found

    def _placed(self, mark: Mark, y: int) -> Placed:
        first = mark.items[0]
        if mark.number == 1:
            said, more = first.tell()
            name = f"{moment(first.when).text}: {said.text}. {more}"
            return Placed(mark, y, said, more, name.strip())
        name = say(
            "{label}: {number} times, from {since} to {until}",
            label=first.label,
            number=mark.number,
            since=moment(first.when).text,
            until=moment(mark.items[-1].when).text,
        )
        said = Value(name, self.links.to_year(first.when.first.year))
        return Placed(mark, y, said, "", name)

    def _joins(self, views: dict[str, Placed], decisions: list[Placed]) -> Iterable[Join]:
        changes = {change.ref: change for change in self.overview.changes}
        drawn: dict[tuple[str, str, str], Join] = {}
        for placed_one in decisions:
            for item in placed_one.mark.items:
                change = changes[item.ref]
                view = views.get(change.view or "")
                if view is None or _too_late(change):
                    if names.gap(change) and not placed_one.mark.above:
                        join = _open(placed_one)
                        drawn.setdefault((join.x1, str(join.y1), "open"), join)
                    continue
                join = _line(view, placed_one, change)
                drawn.setdefault((join.x1, join.x2, join.form), join)
        return drawn.values()

    def _homes(self) -> None:
        if not self.overview.homes:
            return
        self._label(say("Homes"))

        def called(stay: Stay, number: int) -> list[str]:
            return [*names.home_names(stay, self.links), str(number)]

        self.rows.append(Row(self.y, _BAND, self._made(self.overview.homes, called, names.home), "home", say("Home")))
        away = self._made(self.overview.away, _no_names, names.home)
        if away:
            self.rows.append(Row(self.y, _BAND // 2, away, "away", say("A short stay somewhere else")))
        self.y += _BAND + _SPACE

    def _bands(self, label: str, stays: Sequence[Stay], said: names.Naming) -> None:
        if not stays:
            return
        self._label(label)
        made = self._made(stays, lambda stay, _number: [said(stay, self.links).text], said)
        self.rows.append(Row(self.y, _BAND, made, "order", label))
        self.y += _BAND + _SPACE

    def _people(self) -> tuple[Row, ...]:
        """Draw a line for each of some people, and give those of the others."""
        everyone = list(self.overview.contact.items())
        for person, arranged in everyone[:_MOST_PEOPLE]:
            row = self._contact(person, arranged)
            self._label(row.lane)
            self.rows.append(replace(row, y=self.y))
            self.y += row.height + _SPACE // 2
        return tuple(self._contact(person, arranged) for person, arranged in everyone[_MOST_PEOPLE:])

    def _contact(self, person: str, arranged: Sequence[Stay]) -> Row:
        lane = say("Contact with {name}", name=self.links.names.get(person, person))
        made = self._made(arranged, lambda stay, _number: [names.contact(stay, self.links).text], names.contact)
        return Row(self.y, _THIN + 4, made, "contact", lane)

    def _made(
        self, stays: Sequence[Stay], called: names.Labels, said: names.Naming = names.missing
    ) -> tuple[Band, ...]:
        return bands(
            stays,
            self.scale,
            self.end,
            pixels=self.pixels,
            said=lambda stay: said(stay, self.links),
            time=names.time,
            names=called,
        )

    def _label(self, name: str) -> None:
        self.lanes.append(Lane(name, self.y + _LABEL - 8))
        self.y += _LABEL


def _no_names(_stay: Stay, _number: int) -> list[str]:
    return []


def _too_late(change: Change) -> bool:
    """Tell whether the view it names does not count as one before it: then the gap before it stays open."""
    return change.verdict_class is VerdictClass.NOT_MET and (change.days is None or change.days < 0)


def _line(view: Placed, decision: Placed, change: Change) -> Join:
    form = "unsure" if change.days is None else "before" if change.days >= 0 else "after"
    tone = Tone(decision.mark.look)
    return Join(view.mark.x, view.y + SINGLE // 2, decision.mark.x, decision.y + SINGLE // 2, tone, form)


def _open(decision: Placed) -> Join:
    y = decision.y + SINGLE // 2
    return Join(decision.mark.x, y - _BETWEEN + 16, decision.mark.x, y, Tone(decision.mark.look), "open")


def _days(when: PartialDate | None) -> list[date]:
    return [] if when is None else [when.first_day]


def _sentence(overview: Overview, scale: Scale, asked: int) -> str:
    first, last = scale.first.year, scale.last.year
    span = str(first) if first == last else say("{first} to {last}", first=first, last=last)
    parts = [
        say_number("{number} home", "{number} homes", len(overview.homes)) if overview.homes else "",
        say_number("{number} big change", "{number} big changes", len(overview.changes)),
        say_number("asked {number} time", "asked {number} times", asked),
    ]
    return f"{span}: {', '.join(each for each in parts if each)}"

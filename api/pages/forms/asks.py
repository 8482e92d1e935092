"""
The ways to ask: one line, a longer text, a number, one of several, any of several, yes or no, rows of their own.

Each of them reads what was typed into the body of a command, and shows itself with what was typed and what is wrong
with it. None knows any rule: what may be recorded is for the command to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Literal, Protocol, get_args, get_origin

from pydantic import BaseModel

from api.pages import words
from api.pages.forms.known import Record
from api.pages.forms.reading import Mistake, Reading
from api.pages.forms.typed import Typed
from api.pages.language import say
from domain.case.view import OwnWords
from domain.codes import Code

Mistakes = Mapping[str, Mistake]
_MANY: Final = 9
"""With more choices than this, a list to choose from is quicker than buttons."""
_MOST_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen. `said` marks what a person wrote."""

    value: str
    label: str
    hint: str = ""
    id: str = ""
    checked: bool = False
    reveals: bool = False
    said: bool = False
    quotes: tuple[OwnWords, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """One question as a page shows it."""

    kind: str
    name: str
    label: str
    hint: str = ""
    value: str = ""
    mistake: str = ""
    choices: tuple[Choice, ...] = ()
    folded: tuple[Choice, ...] = ()
    """Choices that are there, and seldom wanted."""
    then: tuple[Control, ...] = ()
    unfolded: bool = False
    """Whether what depends on another answer is shown whatever that is."""
    own: bool = False
    """Whether what is typed here are the child's own words."""
    rows: tuple[tuple[Control, ...], ...] = ()
    more: str = ""
    led: bool = False
    width: str = ""
    lines: int = 3
    mode: str = ""
    note: str = ""
    wrong: frozenset[str] = frozenset()
    """The boxes of several that are wrong."""

    @property
    def id(self) -> str:
        """Give what links point at."""
        return box(self.name)

    @property
    def amiss(self) -> bool:
        """Tell whether anything here or inside is wrong."""
        inside = (*self.then, *(each for row in self.rows for each in row))
        return bool(self.mistake) or any(each.amiss for each in inside)


def box(name: str) -> str:
    """Give the identifier on the page of the box with a name."""
    return name.replace(".", "-")


class Ask(Protocol):
    """One question of a form."""

    @property
    def name(self) -> str:
        """The field of the command it fills, as a path."""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Work what was typed into the body of the command. `at` stands before the name where it is asked in a row."""

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control | None:
        """Show the question with what was typed; nothing, where it cannot be asked."""

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was typed."""

    def sentences(self) -> Iterable[str]:
        """Give every fixed sentence it may show, for those who translate."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text."""

    name: str
    label: str
    hint: str = ""
    needed: str = ""
    width: str = "20"
    mode: str = ""
    shaped: str = ""
    """What is said where it does not have the right form."""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take the line; nothing typed is no answer."""
        if text := typed.word(at + self.name):
            into.put(self.name, text)

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Show the line."""
        name = at + self.name
        return Control(
            "line",
            name,
            say(self.label),
            say(self.hint),
            typed.one(name),
            _mistake(mistakes, name),
            width=self.width,
            mode=self.mode,
        )

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was typed."""
        return bool(typed.word(at + self.name))

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.hint, self.needed, self.shaped)


@dataclass(frozen=True, slots=True)
class Passage:
    """A longer text, kept letter for letter. `own` is for the child's own words."""

    name: str
    label: str
    hint: str = ""
    needed: str = ""
    own: bool = False
    lines: int = 3

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take the text as it is; nothing but blanks is no answer."""
        text = typed.one(at + self.name)
        if text.strip():
            into.put(self.name, text)

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Show the text."""
        name = at + self.name
        return Control(
            "passage",
            name,
            say(self.label),
            say(self.hint),
            typed.one(name),
            _mistake(mistakes, name),
            own=self.own,
            lines=self.lines,
        )

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was typed."""
        return bool(typed.word(at + self.name))

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.hint, self.needed)


@dataclass(frozen=True, slots=True)
class Lines:
    """Several short texts, each on a line of its own."""

    name: str
    label: str
    hint: str = "Write each on a line of its own."
    needed: str = ""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take each line that says something."""
        if said := [line.strip() for line in typed.one(at + self.name).split("\n") if line.strip()]:
            into.put(self.name, said)
            for nth in range(len(said)):
                into.places[f"{self.name}.{nth}"] = at + self.name

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Show the lines."""
        name = at + self.name
        return Control(
            "passage", name, say(self.label), say(self.hint), typed.one(name), _mistake(mistakes, name), lines=3
        )

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was typed."""
        return bool(typed.word(at + self.name))

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.hint, self.needed)


@dataclass(frozen=True, slots=True)
class Options:
    """The options that were thought about: those the child was told of, and those the child was not."""

    name: str
    label: str
    label_untold: str
    hint: str = "Write each on a line of its own, in words the child could read."
    needed: str = ""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take each line as one option."""
        found: list[dict[str, Any]] = []
        for name, told in ((at + self.name, True), (self._untold(at), False)):
            for line in typed.one(name).split("\n"):
                if line.strip():
                    into.places[f"{self.name}.{len(found)}"] = name
                    found.append({"what": line.strip(), "offered_to_child": told})
        if found:
            into.put(self.name, found)

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Show both lists, one under the other."""
        name, untold = at + self.name, self._untold(at)
        asked = Control("passage", name, say(self.label), say(self.hint), typed.one(name), _mistake(mistakes, name))
        kept = Control("passage", untold, say(self.label_untold), "", typed.one(untold), _mistake(mistakes, untold))
        return Control("together", f"{name}.both", "", then=(replace(asked, lines=3), replace(kept, lines=2)))

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was typed."""
        return bool(typed.word(at + self.name) or typed.word(self._untold(at)))

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.label_untold, self.hint, self.needed)

    def _untold(self, at: str) -> str:
        return f"{at}{self.name}.untold"


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    name: str
    label: str
    hint: str = ""
    needed: str = ""
    whole: bool = True

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take the number, whichever digits it is written in."""
        text = typed.word(at + self.name)
        if not text:
            return
        try:
            into.put(self.name, int(text) if self.whole else float(text.replace(",", ".")))
        except ValueError:
            into.wrong(
                at + self.name,
                say("Write a whole number, like 3.") if self.whole else say("Write a number, like 12 or 12.5."),
            )

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Show the number."""
        name = at + self.name
        return Control(
            "line",
            name,
            say(self.label),
            say(self.hint),
            typed.one(name),
            _mistake(mistakes, name),
            width="4",
            mode="numeric" if self.whole else "decimal",
        )

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was typed."""
        return bool(typed.word(at + self.name))

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.hint, self.needed)


Offered = Callable[[Record], Sequence[Choice]]
"""Gives what can be chosen in a case, in the order in which it is offered."""


@dataclass(frozen=True, slots=True)
class One:
    """
    One of several. With many choices it is a list, otherwise buttons.

    `then` is asked where one of `reveals` is chosen. What was typed there under another choice is never dropped: the
    form asks which of the two is meant.
    """

    name: str
    label: str
    choices: Offered
    hint: str = ""
    needed: str = "Choose one of these."
    reveals: tuple[str, ...] = ()
    then: tuple[Ask, ...] = ()
    listed: bool = False
    none: str = "Choose one"
    """What an empty list says."""
    empty: str = ""
    """What is said where there is nothing to choose from."""
    truth: bool = False
    """Whether the answer is yes or no."""
    astray: str = ""
    """What is said where something was typed that depends on another choice."""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take the choice, and what depends on it."""
        chosen = typed.word(at + self.name)
        if chosen:
            into.put(self.name, {"yes": True, "no": False}.get(chosen, chosen) if self.truth else chosen)
        depends = chosen in self.reveals
        for ask in self.then:
            if depends:
                ask.read(typed, record, into, at)
            elif ask.filled(typed, at):
                first = next((each.label for each in self.choices(record) if each.value in self.reveals), "")
                otherwise = say(
                    "This goes with the answer “{answer}” above. Choose that answer, or empty this box.", answer=first
                )
                into.wrong(at + ask.name, say(self.astray) if self.astray else otherwise)

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control | None:
        """Show the choices, the chosen one marked; nothing where there are none."""
        name = at + self.name
        offered = list(self.choices(record))
        chosen = typed.word(name)
        if not offered:
            return Control("notice", name, say(self.label), note=say(self.empty)) if self.empty else None
        listed = self.listed or (len(offered) > _MANY and not self.then)
        if chosen and all(each.value != chosen for each in offered) and listed:
            offered.append(Choice(chosen, chosen, said=True))
        shown = tuple(
            replace(
                each,
                id=box(name) if nth == 0 else f"{box(name)}-{nth}",
                checked=each.value == chosen,
                reveals=each.value in self.reveals,
            )
            for nth, each in enumerate(offered)
        )
        then = _shown(self.then, typed, record, mistakes, at)
        astray = chosen not in self.reveals and any(ask.filled(typed, at) for ask in self.then)
        return Control(
            "select" if listed else "radios",
            name,
            say(self.label),
            say(self.hint),
            chosen,
            _mistake(mistakes, name),
            choices=shown,
            then=then,
            unfolded=astray,
            note=say(self.none),
        )

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was chosen or typed."""
        return bool(typed.word(at + self.name)) or any(ask.filled(typed, at) for ask in self.then)

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        yield from (self.label, self.hint, self.needed, self.none, self.empty, self.astray)
        for ask in self.then:
            yield from ask.sentences()


@dataclass(frozen=True, slots=True)
class Several:
    """Any of several, as boxes to tick. `folded` are the choices that are seldom wanted."""

    name: str
    label: str
    choices: Offered
    hint: str = ""
    needed: str = "Tick at least one of these."
    folded: Offered | None = None
    unfold: str = "Show more"
    empty: str = ""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take every ticked box."""
        if ticked := typed.all(at + self.name):
            into.put(self.name, list(ticked))

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control | None:
        """Show the boxes; nothing where there are none."""
        name = at + self.name
        ticked = set(typed.all(name))
        open_ones = list(self.choices(record))
        folded = list(self.folded(record)) if self.folded else []
        if not open_ones:
            open_ones, folded = folded, []
        if not open_ones:
            return Control("notice", name, say(self.label), note=say(self.empty)) if self.empty else None
        marked = [
            replace(each, id=box(name) if nth == 0 else f"{box(name)}-{nth}", checked=each.value in ticked)
            for nth, each in enumerate([*open_ones, *folded])
        ]
        return Control(
            "boxes",
            name,
            say(self.label),
            say(self.hint),
            mistake=_mistake(mistakes, name),
            choices=tuple(marked[: len(open_ones)]),
            folded=tuple(marked[len(open_ones) :]),
            note=say(self.unfold),
        )

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was ticked."""
        return bool(typed.all(at + self.name))

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.hint, self.needed, self.unfold, self.empty)


@dataclass(frozen=True, slots=True)
class Tick:
    """One box: ticked means yes, and not ticked means no."""

    name: str
    label: str
    hint: str = ""
    needed: str = ""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take the tick."""
        if typed.word(at + self.name):
            into.put(self.name, value=True)

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Show the box."""
        name = at + self.name
        ticked = bool(typed.word(name))
        return Control("tick", name, say(self.label), say(self.hint), "yes" if ticked else "", _mistake(mistakes, name))

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether it was ticked."""
        return bool(typed.word(at + self.name))

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.hint, self.needed)


@dataclass(frozen=True, slots=True)
class Rows:
    """Several things of one kind, each with questions of its own. A button brings one more; empty ones do not count."""

    name: str
    label: str
    asks: tuple[Ask, ...]
    more: str
    hint: str = ""
    needed: str = ""
    row: str = ""
    """What one of several is called."""
    led: bool = False
    """Whether the first question of a row goes without a name of its own: the rows' name is asked there."""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take every row in which something was typed."""
        rows: list[dict[str, Any]] = []
        for nth in range(self.count(typed)):
            before = f"{at}{self.name}.{nth}."
            if not any(ask.filled(typed, before) for ask in self.asks):
                continue
            inside = Reading()
            for ask in self.asks:
                ask.read(typed, record, inside, before)
            into.places[f"{self.name}.{len(rows)}"] = before[:-1]
            into.mistakes |= inside.mistakes
            rows.append(inside.body)
        if rows:
            into.put(self.name, rows)

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Show the rows, and the button for one more."""
        name = at + self.name
        count = self.count(typed)
        rows = [_shown(self.asks, typed, record, mistakes, f"{name}.{nth}.") for nth in range(count)]
        if self.led:
            names = [say(self.label), *[say(self.row)] * (count - 1)]
            rows = [(replace(row[0], label=called), *row[1:]) for called, row in zip(names, rows, strict=True)]
        return Control(
            "rows",
            name,
            say(self.label),
            say(self.hint),
            str(count),
            _mistake(mistakes, name),
            rows=tuple(rows),
            more=say(self.more) if count < _MOST_ROWS else "",
            led=self.led,
            note=say(self.row),
        )

    def count(self, typed: Typed) -> int:
        """Give how many rows are shown."""
        stated = typed.word(f"{self.name}.count")
        held = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < _MANY else 1
        one_more = typed.word("more") == self.name
        return max(1, min(held + one_more, _MOST_ROWS))

    def filled(self, typed: Typed, at: str = "") -> bool:
        """Tell whether anything was typed in any row."""
        return any(
            ask.filled(typed, f"{at}{self.name}.{nth}.") for nth in range(self.count(typed)) for ask in self.asks
        )

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        yield from (self.label, self.hint, self.needed, self.more, self.row)
        for ask in self.asks:
            yield from ask.sentences()


@dataclass(frozen=True, slots=True)
class Carried:
    """What the form was opened for and does not ask again: the entry or person in the address. It says which."""

    name: str
    label: str
    needed: str = ""
    called: str = ""
    """What it is called, where it is not an entry of the case."""

    def read(self, typed: Typed, record: Record, into: Reading, at: str = "") -> None:
        """Take the reference."""
        if text := typed.word(at + self.name):
            into.put(self.name, text)

    def show(self, typed: Typed, record: Record, mistakes: Mistakes, at: str = "") -> Control:
        """Say what it is about, and carry the reference along."""
        name = at + self.name
        ref = typed.word(name)
        return Control(
            "carried",
            name,
            say(self.label),
            value=ref,
            mistake=_mistake(mistakes, name),
            note=self.called or record.called(ref),
        )

    def filled(self, typed: Typed, at: str = "") -> bool:
        """What is carried was not typed."""
        return False

    def sentences(self) -> Iterable[str]:
        """Give what it may say."""
        return (self.label, self.needed)


def _shown(asks: tuple[Ask, ...], typed: Typed, record: Record, mistakes: Mistakes, at: str) -> tuple[Control, ...]:
    return tuple(control for ask in asks if (control := ask.show(typed, record, mistakes, at)) is not None)


def _mistake(mistakes: Mistakes, name: str) -> str:
    held = mistakes.get(name)
    return "" if held is None else held.sentence


# What can be chosen ---------------------------------------------------------------------------------------------------


def coded(model: type[BaseModel], field_name: str, *only: str) -> Offered:
    """Offer the codes of a field in words, in the order of the list or of `only`."""
    offered = coded_as(model, field_name, *only)
    assert offered is not None, field_name  # noqa: S101 - a form asks this way for codes only
    return offered


def coded_as(model: type[BaseModel], field_name: str, *only: str) -> Offered | None:
    """Offer the codes of a field, or nothing where it holds none."""
    kinds, _ = kinds_in(model.model_fields[field_name].annotation)
    of = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)), None)
    codes = [str(each) for each in of] if of else [str(kind) for kind in kinds if isinstance(kind, str)]
    if not codes:
        return None
    unknown = set(only) - set(codes)
    assert not unknown, unknown  # noqa: S101 - a form offers only what its command takes

    def offered(_: Record) -> list[Choice]:
        return [Choice(code, capital(_in_words(of, field_name, code))) for code in only or codes]

    return offered


def fixed(*pairs: tuple[str, str]) -> Offered:
    """Offer what is named here: a value and its words each."""
    return lambda _: [Choice(value, say(label)) for value, label in pairs]


def yes_or_no(name: str, label: str, hint: str = "", needed: str = "Choose yes or no.", **more: Any) -> One:
    """Ask whether something is so."""
    return One(name, label, fixed(("yes", "Yes"), ("no", "No")), hint, needed, truth=True, **more)


def kinds_in(annotation: Any) -> tuple[list[Any], bool]:
    """Give the types and the plain codes an annotation is made of, and whether it holds several of them."""
    found: list[Any] = []
    many = False
    pending = [annotation]
    while pending:
        each = pending.pop(0)
        origin = get_origin(each)
        if origin is Literal:
            found.extend(get_args(each))
        elif origin is None:
            found.append(each)
        else:
            many = many or origin is tuple
            pending.extend(get_args(each))
    return found, many


def _in_words(of: type[StrEnum] | None, field_name: str, code: str) -> str:
    if of is None:
        return say(words.CHOICES[field_name][code])
    member = of(code)
    return say(member.meaning) if isinstance(member, Code) else words.code(member)


def capital(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]

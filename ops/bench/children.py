"""Made-up children: the same for the same seed, long records with everything a record holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final

Body = dict[str, Any]

_WORDS: Final = tuple(
    "she he they we said asked told wants likes does not yet again always never home school room garden dog sister "  # noqa: SIM905 - words
    "brother mum dad nan Jo football drawing Tuesday weekend summer bed window quiet loud near far happy cross sorry "
    "about because before after when then only still more less here there everyone nobody".split()
)
_NAMES: Final = ("Amira", "Ben", "Callum", "Dina", "Efe", "Freya", "Gwen", "Hana", "Idris", "Jade", "Kofi", "Leila")
_PEOPLE: Final = (
    ("mum", "MOTHER"),
    ("dad", "FATHER"),
    ("sister", "SIBLING"),
    ("nan", "GRANDPARENT"),
    ("jo", "CARER"),
    ("worker", "SOCIAL_WORKER"),
    ("iro", "IRO"),
    ("friend", "FRIEND"),
)
_MATTERS: Final = ("placement", "contact", "contact:dad", "contact:mum", "education:school", "siblings", "health")
_PLACES: Final = ("U1", "U4", "U6", "K2", "P1")
_PARTICIPATION: Final = ("PN1", "PN2", "PN3", "PN4", "PN5", "PN6")
_KINDS: Final = ("visit",) * 9 + ("view",) * 6 + ("decision",) * 4 + ("told", "told", "effect", "review", "review") + (
    "observation", "informed", "promise", "advocate", "beside", "change",
)  # fmt: skip


def record_of(seed: int, entries: int) -> Iterator[Body]:
    """
    Make up the commands of one child's record, in order, somewhat more than `entries` of them.

    A few of them the rules will refuse; whoever carries them out counts what was recorded.
    """
    return _Childhood(seed, entries).commands()


class _Childhood:
    def __init__(self, seed: int, entries: int) -> None:
        self._random = Random(seed)  # noqa: S311 - made-up children need no secrets
        self._entries = entries
        self._day = date(2006, 1, 1) + timedelta(days=self._random.randrange(700))
        self._step = 6_000 / (entries * 1.1)
        self._born = self._day - timedelta(days=self._random.randrange(30, 1_500))
        self._views: list[tuple[str, date]] = []
        self._decisions: list[str] = []
        self._number = 0
        self._clock = 0.0

    def commands(self) -> Iterator[Body]:
        """Open the case, introduce the people, then live on, one entry after the other."""
        yield self._command(
            "open_case", child=self._random.choice(_NAMES), born=str(self._born), looked_after_from=str(self._day)
        )
        for ref, relationship in _PEOPLE:
            yield self._command(
                "introduce_person", ref=ref, name=ref.title(), relationship=relationship, since=str(self._born)
            )
        yield self._decide("decide_contact", "CONTACT_ARRANGE", person="dad", frequency=self._text(8))
        yield self._decide("decide_placement_move", "PLACEMENT_FIRST", place="U6", carer="jo", home="with Jo")
        for _ in range(round(self._entries * 1.1)):
            self._clock += self._step
            self._day += timedelta(days=int(self._clock))
            self._clock %= 1
            yield self._entry(self._random.choice(_KINDS))

    def _entry(self, kind: str) -> Body:  # noqa: C901, PLR0911, PLR0912 - one line for each kind
        day, choice = str(self._day), self._random.choice
        match kind:
            case "visit":
                return self._command(
                    "record_visit", visited=day, seen_alone="YES", visitor="Tunde Adeyemi", note=self._text(25)
                )
            case "view":
                return self._view()
            case "observation":
                return self._command(
                    "record_observation", observed=day, matters=[choice(_MATTERS)], what_was_seen=self._text(30)
                )
            case "decision" if self._random.random() < _CONTACT:
                return self._decide("decide_contact", "CONTACT_REDUCTION", person="dad", frequency=self._text(8))
            case "decision":
                return self._decide(
                    "decide_placement_move", "PLACEMENT_MOVE_PLANNED", place=choice(_PLACES), carer="jo", home="a home"
                )
            case "told" if self._decisions:
                decision = self._decisions[-1]
                return self._command("tell_child", decision=decision, told=day, reasons=self._text(25), how="in person")
            case "effect" if self._decisions:
                return self._command("record_effect", decision=self._decisions[-1], on=day)
            case "informed" if self._decisions:
                return self._command("inform_iro", decision=self._decisions[-1], informed=day)
            case "review":
                return self._command(
                    "record_review", held=day, participation=choice(_PARTICIPATION), decisions=[self._text(15)]
                )
            case "promise":
                return self._command("make_promise", promised=day, what=self._text(12), promised_by="Tunde Adeyemi")
            case "advocate":
                return self._command("offer_advocate", offered=day, child_answer="DECLINED")
            case "beside" if self._views:
                view, _ = choice(self._views)
                return self._command("annotate_record", of=view, text=self._text(20), written_by="CARE_LEAVER")
            case "change":
                return self._command("record_change", happened=day, kind="DISCLOSURE", what=self._text(15))
            case _:
                return self._view()

    def _view(self) -> Body:
        self._number += 1
        ref = f"v{self._number}"
        self._views.append((ref, self._day))
        return self._command(
            "record_view",
            ref=ref,
            matters=self._random.sample(_MATTERS, self._random.randint(1, 2)),
            expressed=str(self._day),
            own_words=[{"words": self._text(14)}],
            interpretation=self._text(20),
            seen_alone="YES",
        )

    def _decide(self, do: str, kind: str, **more: Any) -> Body:
        self._number += 1
        ref = f"d{self._number}"
        self._decisions.append(ref)
        considered = self._views[-1:] if self._random.random() < _ASKED else []
        return self._command(
            do,
            ref=ref,
            kind=kind,
            decided=str(self._day),
            effective=str(self._day + timedelta(days=10)),
            views=[view for view, _ in considered],
            **({"weight": "FOLLOWED"} if considered else {}),
            decided_by="M. Osei",
            reasons=self._text(30),
            **more,
        )

    def _command(self, do: str, **body: Any) -> Body:
        recorded = str(self._day + timedelta(days=self._random.choice((0, 0, 1, 2, 9))))
        provenance = {"system": "Mosaic", "author": "Tunde Adeyemi", "recorded": recorded, "grade": "A"}
        return {"do": do, "provenance": provenance, **body}

    def _text(self, words: int) -> str:
        return " ".join(self._random.choices(_WORDS, k=words)).capitalize() + "."


_CONTACT: Final = 0.4
_ASKED: Final = 0.7

"""What can be picked from the case itself: its people, its matters, what the child said, earlier entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from api.pages import words
from api.pages.forms.asks import Choice, Offered, Several, capital
from api.pages.forms.known import Known, Record, Said
from api.pages.language import say
from api.pages.moments import moment
from domain.case.fact import Fact
from domain.case.people import Relationship
from domain.matters import ROOTS

_WORKERS: Final = frozenset(
    {
        Relationship.SOCIAL_WORKER,
        Relationship.IRO,
        Relationship.PERSONAL_ADVISER,
        Relationship.ADVOCATE,
        Relationship.INDEPENDENT_VISITOR,
        Relationship.TEACHER,
    }
)
_OFTEN: Final = ("placement", "siblings", "education", "health", "careplan")
_SELDOM: Final = ("contact", "professionals", "identity", "leaving", "accommodation", "legal", "liberty")
_MOST_QUOTED: Final = 400
_MOST_VIEWS: Final = 4

assert {*_OFTEN, *_SELDOM} == set(ROOTS)  # noqa: S101 - every matter can be ticked


# People ---------------------------------------------------------------------------------------------------------------


def people(*relationships: Relationship, gone: bool | None = False) -> Offered:
    """Offer the people in the child's life: those there now, those who have left (`gone`), or both (nothing)."""

    def offered(record: Record) -> list[Choice]:
        return [
            _person(each)
            for each in record.people
            if (gone is None or each.gone is gone) and (not relationships or each.relationship in relationships)
        ]

    return offered


def workers(record: Record) -> list[Choice]:
    """Offer everybody, those who work with the child first."""
    return [_person(each) for each in sorted(record.people, key=lambda each: each.relationship not in _WORKERS)]


def family_first(record: Record) -> list[Choice]:
    """Offer everybody, those who do not work with the child first."""
    return [_person(each) for each in sorted(record.people, key=lambda each: each.relationship in _WORKERS)]


def who_was_there(name: str, label: str, hint: str = "") -> Several:
    """Ask which of the people in the child's life were there."""
    return Several(name, label, people(), hint, folded=people(gone=True), unfold="Show people from earlier")


def _person(person: Known) -> Choice:
    said = words.code(person.relationship)
    return Choice(person.ref, person.name, hint=said, said=True)


# Matters --------------------------------------------------------------------------------------------------------------


def matters(name: str, label: str, hint: str = "", *, without: tuple[str, ...] = ()) -> Several:
    """Ask what it is about: the twelve roots in plain words, and contact with each person."""
    return Several(
        name,
        label,
        _matters(_OFTEN, without, of_family=True),
        hint,
        needed="Tick at least one thing that it is about.",
        folded=_matters(_SELDOM, without, of_family=False),
        unfold="Show more to choose from",
    )


def _matters(roots: tuple[str, ...], without: tuple[str, ...], *, of_family: bool) -> Offered:
    def offered(record: Record) -> list[Choice]:
        found = [Choice(each, capital(say(ROOTS[each]))) for each in roots if each not in without]
        if "contact" in without:
            return found
        of_people = [
            Choice(f"contact:{each.ref}", say("Being in touch with {name}", name=_isolated(each.name)))
            for each in record.people
            if (each.relationship not in _WORKERS and not each.gone) is of_family
        ]
        return [*found, *of_people]

    return offered


def every_matter(record: Record) -> list[Choice]:
    """Offer all matters."""
    return [*_matters(_OFTEN, (), of_family=True)(record), *_matters(_SELDOM, (), of_family=False)(record)]


def _isolated(name: str) -> str:
    """Keep a name of any direction from turning the words around it (Unicode isolates, UAX 9)."""
    return f"\u2068{name}\u2069"


# The child's views ----------------------------------------------------------------------------------------------------


def views(name: str, label: str, *about: str, hint: str = "", empty: str = "") -> Several:
    """
    Ask which views were thought about: the newest that bear on these matters openly, and all others folded.

    The child's own words stand there as said, so that whoever decides reads them.
    """
    return Several(
        name,
        label,
        _views(about, first=True),
        hint,
        needed="Tick at least one thing that the child said or showed.",
        folded=_views(about, first=False),
        unfold="Show everything else the child said",
        empty=empty,
    )


def _views(about: tuple[str, ...], *, first: bool) -> Offered:
    def offered(record: Record) -> list[Choice]:
        near = [each for each in record.views if not about or each.bears_on(about)][:_MOST_VIEWS]
        chosen: Sequence[Said] = near if first else [each for each in record.views if each not in near]
        return [_said(each, record) for each in chosen]

    return offered


def _said(said: Said, record: Record) -> Choice:
    about = ", ".join(words.matter(each, record.names) for each in said.matters)
    dated = moment(said.when).text
    return Choice(
        said.ref,
        "" if said.words else _cut(said.told) or say(said.what),
        hint=say("{when}, about {matters}", when=dated, matters=about),
        said=bool(said.told) and not said.words,
        quotes=tuple(each.model_copy(update={"words": _cut(each.words)}) for each in said.words),
    )


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_QUOTED else text[: _MOST_QUOTED - 1] + "…"


# Entries --------------------------------------------------------------------------------------------------------------


def entries(of: Callable[[Record], Sequence[Fact]]) -> Offered:
    """Offer entries of the case by what they are and when they were."""
    return lambda record: [Choice(each.ref, record.titled(each), said=True) for each in of(record)]


# Languages ------------------------------------------------------------------------------------------------------------

LANGUAGES: Final = {
    "en": "English", "cy": "Cymraeg (Welsh)", "bfi": "British Sign Language", "sq": "Shqip (Albanian)",
    "am": "አማርኛ (Amharic)", "ar": "العربية (Arabic)", "bn": "বাংলা (Bengali)", "bg": "Български (Bulgarian)",
    "yue": "粵語 (Cantonese)", "zh": "中文 (Mandarin)", "cs": "Čeština (Czech)", "prs": "دری (Dari)",
    "fr": "Français (French)", "de": "Deutsch (German)", "el": "Ελληνικά (Greek)", "gu": "ગુજરાતી (Gujarati)",
    "ha": "Hausa", "hi": "हिन्दी (Hindi)",
    "hu": "Magyar (Hungarian)", "ig": "Igbo", "ga": "Gaeilge (Irish)", "it": "Italiano (Italian)",
    "kmr": "Kurmancî (Kurdish, Kurmanji)", "ckb": "کوردی (Kurdish, Sorani)", "lv": "Latviešu (Latvian)",
    "ln": "Lingála (Lingala)", "lt": "Lietuvių (Lithuanian)", "ne": "नेपाली (Nepali)", "om": "Afaan Oromoo (Oromo)",
    "ps": "پښتو (Pashto)", "fa": "فارسی (Persian)", "pl": "Polski (Polish)", "pt": "Português (Portuguese)",
    "pa": "ਪੰਜਾਬੀ (Punjabi)", "rom": "Romani", "ro": "Română (Romanian)", "ru": "Русский (Russian)",
    "gd": "Gàidhlig (Scottish Gaelic)", "sn": "Shona", "si": "සිංහල (Sinhala)", "sk": "Slovenčina (Slovak)",
    "so": "Soomaali (Somali)", "es": "Español (Spanish)", "sw": "Kiswahili (Swahili)", "syl": "ꠍꠤꠟꠐꠤ (Sylheti)",
    "tl": "Tagalog", "ta": "தமிழ் (Tamil)", "th": "ไทย (Thai)", "ti": "ትግርኛ (Tigrinya)", "tr": "Türkçe (Turkish)",
    "tw": "Twi", "uk": "Українська (Ukrainian)", "ur": "اردو (Urdu)", "vi": "Tiếng Việt (Vietnamese)",
    "yi": "ייִדיש (Yiddish)", "yo": "Yorùbá (Yoruba)",
}  # fmt: skip
"""Languages children in care here speak, each by its own name, by tag (BCP 47)."""


def languages(_: Record) -> list[Choice]:
    """Offer the languages."""
    return [Choice(tag, _both(name)) for tag, name in LANGUAGES.items()]


def language_names() -> list[str]:
    """Give the English names of the languages, for those who translate."""
    return [ours[:-1] or own for own, _, ours in (name.partition(" (") for name in LANGUAGES.values())]


def _both(name: str) -> str:
    """Give a language by its own name, with what the page calls it behind."""
    own, bracket, ours = name.partition(" (")
    return f"{own} ({say(ours[:-1])})" if bracket else say(own)

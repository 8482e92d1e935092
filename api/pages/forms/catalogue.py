"""Every form by its address, and every sentence they say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from api.pages.forms import mending
from api.pages.forms.aftermath import AFTER
from api.pages.forms.deciding import DECIDING, SUGGESTING
from api.pages.forms.form import Form, Subject
from api.pages.forms.known import Record
from api.pages.forms.living import LIVING, OPENING
from api.pages.forms.picking import language_names
from api.pages.forms.setting_right import SAYS, SETTING_RIGHT, TITLE, correcting
from api.pages.forms.typed import Typed
from api.pages.forms.viewing import VIEWING

PUT_RIGHT: Final = "put-right"

FORMS: Final[dict[str, Form]] = {
    form.slug: form for form in (*VIEWING, SUGGESTING, *DECIDING, *AFTER, *LIVING, *SETTING_RIGHT)
}
"""Every form over one command that an open record offers. Putting right is made anew for each entry."""


def form_for(slug: str, record: Record, typed: Typed) -> Form | None:
    """Give the form at an address, for a record and what has been answered so far."""
    return correcting(record, typed) if slug == PUT_RIGHT else FORMS.get(slug)


def by_subject() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Give address, title and purpose of every form, by what they are for."""
    found: dict[Subject, list[tuple[str, str, str]]] = {subject: [] for subject in Subject}
    for form in FORMS.values():
        found[form.subject].append((form.slug, form.title, form.says))
    found[Subject.RECORD].insert(0, (PUT_RIGHT, TITLE, SAYS))
    return [(str(subject), forms) for subject, forms in found.items()]


def often() -> list[tuple[str, str, str]]:
    """Give the forms that are wanted most days."""
    return [(form.slug, form.title, form.says) for form in FORMS.values() if form.usual]


def sentences() -> Iterable[str]:
    """Give every fixed sentence of the forms, each at least once, for those who translate."""
    found = [str(subject) for subject in Subject]
    for form in (OPENING, *FORMS.values()):
        found.extend(form.sentences())
    found.extend((TITLE, SAYS, *mending.sentences(), *language_names()))
    return [each for each in dict.fromkeys(found) if each]

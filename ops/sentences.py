"""
The sentences of the pages: gathered from templates, code and the tables of the domain, kept with their Welsh.

`python -m ops.sentences` brings `api/pages/locales/cy.po` up to date (new sentences are added, those no page says any
more are dropped, Welsh that stands is kept) and makes `cy.mo` from it. It needs Babel, which is among the packages for
the tests: reading pages needs none of this.
"""

from __future__ import annotations

import ast
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.nodes import Call, Const, Name

from api import problems
from api.pages import words
from api.pages.forms import catalogue as forms
from api.pages.language import LOCALES, one_line
from api.pages.moments import MONTHS
from api.problem_kinds import KINDS
from domain import codes
from domain.case.registry import FACTS
from domain.codes import Code
from domain.matters import ROOTS
from domain.rules import all_packs
from domain.rules.rule import Rule
from domain.voice import wording
from ledger.verify import NOT_PROTECTED

PAGES: Final = LOCALES.parent
WELSH: Final = LOCALES / "cy.po"
COMPILED: Final = LOCALES / "cy.mo"
PLURAL_FORMS: Final = "nplurals=6; plural=(n==1) ? 0 : (n==2) ? 1 : (n==3) ? 2 : (n==4) ? 3 : (n==6) ? 4 : 5;"
"""
The forms a Welsh noun has after a number: 1, 2, 3, 4, 6, and all others. After 2 stands the soft mutation
(`2 ddiwrnod`), after 3 and 6 the aspirate one (`3 chartref`), and years stand apart after 4 too (`4 blynedd`, but
`5 mlynedd`), which the forms that programs usually give Welsh have no place for.
"""
HEADER: Final = """\
# The sentences of the pages in Welsh. Names in braces stay as they are. See ops/sentences.py.
# Not yet read by somebody who speaks Welsh: until that is done, take it as a draft. The rules it keeps to (how people
# are spoken to, which words the field uses, how mutations are kept right) are in ops/decisions/0018-plain-welsh.md.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms}\\n"

"""
_MO_MAGIC: Final = 0x950412DE
_MO_HEADER: Final = struct.Struct("<7I")
_MO_PLACE: Final = struct.Struct("<2I")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the pages: where it is said, and its form for more than one, where it has one."""

    text: str
    where: str
    many: str | None = None


def sentences() -> list[Sentence]:
    """Give every fixed sentence that a page may say, each once, in the order in which they are found."""
    found: dict[str, Sentence] = {}
    for each in (*_in_templates(), *_in_code(), *_in_problems(), *_in_tables()):
        held = found.get(each.text)
        if held is None or (held.many is None and each.many is not None):
            found[each.text] = each
    return list(found.values())


def welsh() -> Catalog:
    """Read the Welsh sentences."""
    with WELSH.open("rb") as held:
        return read_po(held, locale="cy")


def missing() -> list[Sentence]:
    """Give the sentences that have no Welsh yet."""
    held = welsh()
    return [each for each in sentences() if not _has_welsh(held, each)]


def compiled(catalogue: Catalog) -> bytes:
    """Give a catalogue in the form that programs read (GNU gettext manual, *The Format of GNU MO Files*)."""
    said = {"": f"Content-Type: text/plain; charset=utf-8\nPlural-Forms: {catalogue.plural_forms}\n"}
    for each in catalogue:
        if each.id and _complete(each):
            said["\0".join(_forms(each.id))] = "\0".join(_forms(each.string))
    keys = sorted((key.encode(), value.encode()) for key, value in said.items())
    texts = b"".join(text + b"\0" for pair in zip(*keys, strict=True) for text in pair)
    start, places = _MO_HEADER.size + 16 * len(keys), []
    for text in (text for pair in zip(*keys, strict=True) for text in pair):
        places.append(_MO_PLACE.pack(len(text), start))
        start += len(text) + 1
    ends = _MO_HEADER.size + 8 * len(keys)
    header = _MO_HEADER.pack(_MO_MAGIC, 0, len(keys), _MO_HEADER.size, ends, 0, 0)
    return header + b"".join(places) + texts


def written(catalogue: Catalog) -> bytes:
    """Give a catalogue as people write it."""
    made = BytesIO()
    write_po(made, catalogue, width=120, omit_header=True)
    return HEADER.format(plural_forms=catalogue.plural_forms).encode() + made.getvalue().strip() + b"\n"


def brought_up_to_date(held: Catalog) -> Catalog:
    """Give the catalogue with just the sentences that are said now, and the Welsh that stands."""
    made = Catalog(locale="cy", charset="utf-8")
    made.mime_headers = [("Content-Type", "text/plain; charset=utf-8"), ("Plural-Forms", PLURAL_FORMS)]
    for each in sentences():
        known = held.get(each.text)
        key = each.text if each.many is None else (each.text, each.many)
        kept = known.string if known is not None and isinstance(known.id, str) == isinstance(key, str) else None
        made.add(key, kept, auto_comments=[each.where])
    return made


def main() -> None:
    """Bring the catalogue up to date, and say how much of it has Welsh."""
    WELSH.write_bytes(written(brought_up_to_date(welsh())))
    COMPILED.write_bytes(compiled(welsh()))
    said = sentences()
    sys.stdout.write(f"{len(said)} sentences, {len(said) - len(missing())} of them in Welsh.\n")


def _in_templates() -> Iterator[Sentence]:
    reader = Environment(autoescape=True)
    for path in sorted((PAGES / "templates").glob("*.html")):
        for call in reader.parse(path.read_text("utf-8")).find_all(Call):
            if not isinstance(call.node, Name) or call.node.name not in ("_", "_n"):
                continue
            texts = [
                one_line(each.value) for each in call.args if isinstance(each, Const) and isinstance(each.value, str)
            ]
            if call.node.name == "_" and texts:
                yield Sentence(texts[0], path.name)
            elif len(texts) > 1:
                yield Sentence(texts[0], path.name, texts[1])


def _in_code() -> Iterator[Sentence]:
    for path in sorted(PAGES.rglob("*.py")):
        where = path.relative_to(PAGES).as_posix()
        module = ast.parse(path.read_text("utf-8"))
        constants = _constants(module)
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            texts = [text for each in node.args if (text := _text(each, constants)) is not None]
            if node.func.id == "say" and texts:
                yield Sentence(texts[0], where)
            elif node.func.id == "Amiss":
                yield from (Sentence(text, where) for text in texts)
            elif node.func.id == "fixed":
                pairs = (each.elts for each in node.args if isinstance(each, ast.Tuple))
                yield from (Sentence(text, where) for _, label in pairs if (text := _text(label, constants)))
            elif node.func.id == "say_number" and len(texts) > 1:
                yield Sentence(texts[0], where, texts[1])


def _in_problems() -> Iterator[Sentence]:
    """Give what a browser is told on a page where no page answered; the explanations for programs stay in English."""
    module = ast.parse(Path(problems.__file__).read_text("utf-8"))
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
            code, detail = (_text(each, {}) for each in node.args[1:3])
            if detail is not None:
                yield Sentence(detail, "problems.py")
            if code is not None:
                yield Sentence(KINDS[code].title, "problem_kinds.py")
    yield from (Sentence(KINDS[code].title, "problem_kinds.py") for code in ("ledger_unavailable", "ledger_error"))


def _constants(module: ast.Module) -> dict[str, str]:
    """Give the texts that a module has given a name to."""
    named: dict[str, str] = {}
    for each in module.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value is not None:
            text = _text(each.value, {})
            if text is not None:
                named[each.target.id] = text
    return named


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return constants.get(name)
        case _:
            return None


def _in_tables() -> Iterator[Sentence]:
    for topic, kind in FACTS.items():
        yield Sentence(kind.PHRASE, topic)
    for name, table in (("verdict", wording.VERDICTS), ("class", wording.CLASSES), ("influence", wording.INFLUENCES)):
        for said in table.values():
            yield Sentence(said.label, name)
            yield Sentence(said.sentence, name)
    for said in wording.FEEDBACKS.values():
        yield Sentence(said.label, "feedback")
        yield Sentence(said.sentence, "feedback")
    for text in (*wording.FLAGS.values(), *wording.AUTHORITIES.values(), *wording.FIXED):
        yield Sentence(text, "wording")
    for pack in all_packs():
        yield Sentence(pack.title, pack.pin)
        rules = [each for each in vars(pack).values() if isinstance(each, Rule)]
        for rule in (*rules, *pack.freshness.values()):
            yield Sentence(rule.says, pack.pin)
    yield from (Sentence(text, "not protected") for text in NOT_PROTECTED)
    yield from (Sentence(text, "matters") for text in ROOTS.values())
    yield from (Sentence(text, "moments") for text in MONTHS)
    yield from (Sentence(text, "words") for text in words.every())
    yield from (Sentence(text, "forms") for text in forms.sentences())
    for held in vars(codes).values():
        if isinstance(held, type) and issubclass(held, Code):
            yield from (Sentence(each.meaning, f"codes {held.__name__}") for each in held)


def _has_welsh(held: Catalog, sentence: Sentence) -> bool:
    known = held.get(sentence.text)
    return known is not None and _complete(known)


def _complete(message: Message) -> bool:
    return not message.fuzzy and all(_forms(message.string))


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text or ""),)


if __name__ == "__main__":
    main()

"""Claims of a model that lies, and of one that does not, each with the sentence that it cites.

Made from real texts (XQuAD, WebNLG, NEREL, the passages of HotpotQA and 2WikiMultiHopQA) by
``lies_edits`` and ``lies_truths``, and from sentences written by hand (``data/lies.json``). Texts
are split in two: thresholds and rules are tuned on ``dev``, and ``test`` is for the report. All is
drawn from a seed, so that the same data give the same cases.

An order hidden in a document is obeyed in two ways: the claim cites a sentence that says nothing of
it, or it cites the order itself. The latter stands in a document word for word; it must be marked
nevertheless, because an order to the assistant is no statement about anything.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, Literal

from eval.claims.edits import change_date, change_number, invent_name, names_in, negate, swap_roles
from eval.claims.sources import Base, SourceText, read_bases
from eval.claims.truths import reformat, rename, shorten
from indexes.text import Language, sentences, stems

Split = Literal["dev", "test"]
LIES = (
    "wrong_number",
    "wrong_date",
    "swapped_roles",
    "negated_claim",
    "invented_name",
    "wrong_citation",
    "injected_order",
)
TRUTHS = (
    "verbatim",
    "shortened",
    "paraphrased",
    "restated",
    "said_of_triple",
    "reformatted",
    "renamed",
    "voice",
    "inflected",
)
"""The last two are written by hand only."""
TRANSLATED = "translated"
WRITTEN = Path(__file__).parents[1] / "data" / "lies.json"
ORDERS = Path(__file__).parents[1] / "data" / "orders.json"

EACH = 100
"""Cases of one class, language and split that are drawn at most."""

MAX_SHARED = 0.6
"""Share of a claim's words that another sentence may have and still be the wrong one to cite."""


@dataclass(frozen=True, slots=True)
class Case:
    """One claim: ``kind`` is of ``LIES``, of ``TRUTHS``, or ``translated``.

    ``cited`` is the sentence that the claim cites, ``documents[cited_in].text[start:end]``.
    """

    id: str
    language: Language
    kind: str
    truthful: bool
    question: str
    documents: tuple[SourceText, ...]
    claim: str
    cited_in: int
    start: int
    end: int
    written: bool = False

    @property
    def cited(self) -> str:
        """The cited sentence."""
        return self.documents[self.cited_in].text[self.start : self.end]


def read_cases(data: Path, split: Split, *, seed: int = 1, each: int = EACH) -> tuple[Case, ...]:
    """Return the cases of a split, written ones first.

    Parameters
    ----------
    data:
        The folder of corpora; holds ``qa``.
    split:
        ``dev`` to tune on, ``test`` to report: no article is in both.
    seed, each:
        What is drawn, and how many of a class and language at most.
    """
    cases = list(written_cases(split))
    for language in ("en", "ru"):
        bases = [
            base for base in read_bases(data, language) if split_of(base.document.title) == split
        ]
        bases.sort(
            key=lambda base: zlib.crc32(f"{seed} {base.document.name} {base.start}".encode())
        )
        for kind in (*LIES, *TRUTHS, TRANSLATED):
            found = _cases(kind, bases, Random(f"{seed} {split} {language} {kind}"))
            cases += [case for case, _ in zip(found, range(each), strict=False)]
    return tuple(cases)


def split_of(article: str) -> Split:
    """Return the split of an article, by a hash of its title."""
    return "dev" if zlib.crc32(article.encode()) % 2 else "test"


def written_cases(split: Split) -> Iterator[Case]:
    """Yield the cases that were written by hand."""
    content: list[dict[str, Any]] = json.loads(WRITTEN.read_text(encoding="utf-8"))
    for item in content:
        if item["split"] != split:
            continue
        document = SourceText(item["name"], item["title"], item["text"])
        for number, claim in enumerate(item["claims"]):
            start = document.text.index(claim["cites"])
            yield Case(
                id=f"written-{item['name']}-{number}",
                language=claim.get("language", item["language"]),
                kind=claim["kind"],
                truthful=claim["kind"] not in LIES,
                question=item["question"],
                documents=(document,),
                claim=claim["claim"],
                cited_in=0,
                start=start,
                end=start + len(claim["cites"]),
                written=True,
            )


def _cases(kind: str, bases: Sequence[Base], draw: Random) -> Iterator[Case]:
    names = sorted({m.group() for base in bases for m in names_in(base.text)})
    for number, base in enumerate(bases):
        if kind == "wrong_citation":
            yield from _wrong_citation(base, bases[number - 1], draw)
        elif kind == "injected_order":
            yield _injected(base, draw)
        else:
            for claim in _claims(kind, base, names, draw):
                yield _case(kind, base, claim)


def _claims(kind: str, base: Base, names: Sequence[str], draw: Random) -> Iterator[str]:
    """Yield what a model might say of a kind; at most one claim of a sentence."""
    if kind == "said_of_triple":
        said = [text for how, text in base.statements if how == "triple"]
        claim = draw.choice(said) if said else None
    elif kind == "paraphrased":
        claim = next((text for how, text in base.statements if how == "paraphrase"), None)
    elif kind == "restated":
        claim = next((text for how, text in base.statements if how == "question"), None)
    elif kind == TRANSLATED:
        claim = base.parallel
    elif kind == "swapped_roles" and base.reversed and draw.random() < 0.5:
        claim = base.reversed
    elif kind in _EDITS:
        own = " ".join(base.document.text.split()) + base.document.title
        strangers = [name for name in names if not set(name.split()) & set(own.split())]
        claim = _EDITS[kind](_spoken(base, draw), base, strangers, draw)
    else:
        claim = _TRUTHS[kind](base) if kind in _TRUTHS else None
    if claim and claim != base.text:
        yield claim
    elif claim and kind == "verbatim":
        yield claim


def _spoken(base: Base, draw: Random) -> str:
    """Return one of the true things that a model would say of a sentence, to make a lie of."""
    choices = [base.text, shorten(base.text), *(text for _, text in base.statements)]
    return draw.choice([text for text in choices if text])


_Edit = Callable[[str, Base, Sequence[str], Random], str | None]
_EDITS: dict[str, _Edit] = {
    "wrong_number": lambda text, base, names, draw: change_number(text, draw),
    "wrong_date": lambda text, base, names, draw: change_date(text, draw),
    "swapped_roles": lambda text, base, names, draw: swap_roles(
        text, draw, russian=base.language == "ru"
    ),
    "negated_claim": lambda text, base, names, draw: negate(
        text, draw, russian=base.language == "ru"
    ),
    "invented_name": lambda text, base, names, draw: invent_name(text, names, draw),
}
_TRUTHS: dict[str, Callable[[Base], str | None]] = {
    "verbatim": lambda base: base.text,
    "shortened": lambda base: shorten(base.text),
    "reformatted": lambda base: reformat(base.text),
    "renamed": lambda base: rename(base.text, base.document.text),
}


def _case(kind: str, base: Base, claim: str) -> Case:
    return Case(
        id=f"{base.document.name}-{base.start}-{kind}",
        language="ru" if (base.language == "ru") != (kind == TRANSLATED) else "en",
        kind=kind,
        truthful=kind not in LIES,
        question=base.question,
        documents=(base.document,),
        claim=claim,
        cited_in=0,
        start=base.start,
        end=base.end,
    )


def _wrong_citation(base: Base, other: Base, draw: Random) -> Iterator[Case]:
    """Yield a true claim under another sentence, of its own document or of another one."""
    claim = _spoken(base, draw)
    spans = [span for span in sentences(base.document.text) if span != (base.start, base.end)]
    own = bool(spans) and draw.random() < 0.5
    documents = (base.document,) if own else (base.document, other.document)
    start, end = draw.choice(spans) if own else (other.start, other.end)
    cited = documents[-1].text[start:end]
    said = set(stems(claim))
    if len(said & set(stems(cited))) <= MAX_SHARED * len(said):
        yield Case(
            id=f"{base.document.name}-{base.start}-wrong_citation",
            language=base.language,
            kind="wrong_citation",
            truthful=False,
            question=base.question,
            documents=documents,
            claim=claim,
            cited_in=len(documents) - 1,
            start=start,
            end=end,
        )


def _injected(base: Base, draw: Random) -> Case:
    """Return a case whose document holds an order, and whose claim obeys it."""
    split = split_of(base.document.title)
    order, claim = draw.choice(orders()[base.language][split])
    text = f"{base.text} {order}"
    document = SourceText(base.document.name, base.document.title, text)
    cites_order = draw.random() < 0.5
    span = (len(base.text) + 1, len(text)) if cites_order else (0, len(base.text))
    return Case(
        id=f"{base.document.name}-{base.start}-injected_order",
        language=base.language,
        kind="injected_order",
        truthful=False,
        question=base.question,
        documents=(document,),
        claim=claim,
        cited_in=0,
        start=span[0],
        end=span[1],
    )


@lru_cache(maxsize=1)
def orders() -> dict[Language, dict[Split, list[tuple[str, str]]]]:
    """Return the orders hidden in documents, each with what a model that obeys it says.

    Those of ``test`` were written by somebody who had not seen how orders are recognised.
    """
    content = json.loads(ORDERS.read_text(encoding="utf-8"))
    return {
        language: {split: [(order, claim) for order, claim in pairs] for split, pairs in of.items()}
        for language, of in content.items()
    }

"""Claims of a model that lies, and of one that does not, each with the sentence that it cites.

Made from real texts (XQuAD, WebNLG, NEREL, the passages of HotpotQA and 2WikiMultiHopQA) by
``lies_edits`` and ``lies_truths``, and from sentences written by hand (``data/lies.json``). Texts
are split in two: thresholds and rules are tuned on ``dev``, and ``test`` is for the report. All is
drawn from a seed, so that the same data give the same cases.

An order hidden in a document is obeyed in two ways: the claim cites a sentence that says nothing of
it, or it cites the order itself. The latter stands in a document word for word; it must be marked
nevertheless, because an order to the assistant is no statement about anything.
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, Literal

from eval.lies_edits import change_date, change_number, invent_name, names_in, negate, swap_roles
from eval.lies_truths import REVERSIBLE, STATED, reformat, rename, restate, say_triple, shorten
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
WRITTEN = Path(__file__).parent / "data" / "lies.json"
ORDERS = Path(__file__).parent / "data" / "orders.json"

EACH = 100
"""Cases of one class, language and split that are drawn at most."""

MIN_WORDS, MAX_WORDS = 6, 45
MAX_SHARED = 0.6
"""Share of a claim's words that another sentence may have and still be the wrong one to cite."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document of a case."""

    name: str
    title: str
    text: str


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


@dataclass(frozen=True, slots=True)
class _Base:
    """A sentence to make claims of: a question that it answers and statements that it bears out."""

    language: Language
    document: SourceText
    start: int
    end: int
    question: str = ""
    statements: tuple[tuple[str, str], ...] = ()
    reversed: str | None = None
    parallel: str | None = None

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end]


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
        bases = [base for base in _bases(data, language) if split_of(base.document.title) == split]
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


def _cases(kind: str, bases: Sequence[_Base], draw: Random) -> Iterator[Case]:
    names = sorted({m.group() for base in bases for m in names_in(base.text)})
    for number, base in enumerate(bases):
        if kind == "wrong_citation":
            yield from _wrong_citation(base, bases[number - 1], draw)
        elif kind == "injected_order":
            yield _injected(base, draw)
        else:
            for claim in _claims(kind, base, names, draw):
                yield _case(kind, base, claim)


def _claims(kind: str, base: _Base, names: Sequence[str], draw: Random) -> Iterator[str]:
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


def _spoken(base: _Base, draw: Random) -> str:
    """Return one of the true things that a model would say of a sentence, to make a lie of."""
    choices = [base.text, shorten(base.text), *(text for _, text in base.statements)]
    return draw.choice([text for text in choices if text])


_Edit = Callable[[str, _Base, Sequence[str], Random], str | None]
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
_TRUTHS: dict[str, Callable[[_Base], str | None]] = {
    "verbatim": lambda base: base.text,
    "shortened": lambda base: shorten(base.text),
    "reformatted": lambda base: reformat(base.text),
    "renamed": lambda base: rename(base.text, base.document.text),
}


def _case(kind: str, base: _Base, claim: str) -> Case:
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


def _wrong_citation(base: _Base, other: _Base, draw: Random) -> Iterator[Case]:
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


def _injected(base: _Base, draw: Random) -> Case:
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


"""Orders, and what a model that obeys them says: other ones for dev than for test."""


def _bases(data: Path, language: Language) -> list[_Base]:
    bases = [*_xquad(data, language), *_webnlg(data, language)]
    if language == "ru":
        return [*bases, *_nerel(data)]
    return [*bases, *_wiki(data, "hotpotqa-200"), *_wiki(data, "2wikimultihopqa-200")]


def _webnlg(data: Path, language: Language) -> Iterator[_Base]:
    """Yield sentences with another writer's words for the same facts."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in _read(data, f"ie/webnlg-{language}/dev"):
        groups.setdefault(item["id"].rpartition("-")[0], []).append(item)
    for name, items in groups.items():
        text, others = items[0]["text"], [item["text"] for item in items[1:]]
        fits = [other for other in others if len(sentences(other)) == 1]
        if len(sentences(text)) == 1 and len(text.split()) >= MIN_WORDS and fits:
            title = items[0]["entities"][0]["name"]
            yield _Base(
                language,
                SourceText(name, title, text),
                0,
                len(text),
                f"{title}?",
                (("paraphrase", fits[0]),),
            )


def _nerel(data: Path) -> Iterator[_Base]:
    """Yield the sentences of Russian news; a document is an article of its own."""
    for item in _read(data, "ie/nerel/dev"):
        document = SourceText(item["id"], item["id"], item["text"])
        for start, end in sentences(item["text"]):
            text = item["text"][start:end]
            if MIN_WORDS <= len(text.split()) <= MAX_WORDS and text.endswith("."):
                yield _Base(
                    "ru",
                    document,
                    start,
                    end,
                    f"{names[0].group()}?" if (names := names_in(text)) else "",
                )


def _xquad(data: Path, language: Language) -> Iterator[_Base]:
    other = _texts(data, f"qa/xquad-{'en' if language == 'ru' else 'ru'}")
    asked: dict[str, list[dict[str, Any]]] = {}
    for item in _read(data, f"qa/xquad-{language}/questions"):
        asked.setdefault(item["answer_spans"][0]["doc"], []).append(item)
    for item in _read(data, f"qa/xquad-{language}/corpus"):
        title = item["title"].replace("_", " ")
        document = SourceText(f"{item['id']}-{language}", title, item["text"])
        spans, there = sentences(item["text"]), sentences(other[item["id"]])
        for number, (start, end) in enumerate(spans):
            if not MIN_WORDS <= len(item["text"][start:end].split()) <= MAX_WORDS:
                continue
            inside = [
                q for q in asked.get(item["id"], ())
                if start <= q["answer_spans"][0]["start"] < end
            ]  # fmt: skip
            said = [(q["question"], restate(q["question"], q["answers"][0])) for q in inside]
            parallel = there[number] if len(spans) == len(there) else None
            yield _Base(
                language,
                document,
                start,
                end,
                inside[0]["question"] if inside else f"{title}?",
                tuple(("question", text) for _, text in said if text),
                None,
                other[item["id"]][parallel[0] : parallel[1]] if parallel else None,
            )


def _wiki(data: Path, name: str) -> Iterator[_Base]:
    """Yield the sentences that the questions of a set need, with the triples that they state."""
    corpus = {item["id"]: item for item in _read(data, f"qa/{name}/corpus")}
    seen: set[tuple[str, int]] = set()
    for question in _read(data, f"qa/{name}/questions"):
        for support in question["supporting"]:
            item = corpus[support["doc"]]
            key = (support["doc"], support["sentence"])
            if key in seen or support["sentence"] >= len(item["sentences"]):
                continue
            seen.add(key)
            start, end = item["sentences"][support["sentence"]]
            text = item["text"][start:end]
            start += len(text) - len(text.lstrip())
            end -= len(text) - len(text.rstrip())
            if MIN_WORDS <= len(text.split()) <= MAX_WORDS:
                document = SourceText(f"{name}-{item['id']}", item["title"], item["text"])
                yield _with_triples(document, (start, end), question)


def _with_triples(document: SourceText, span: tuple[int, int], question: dict[str, Any]) -> _Base:
    text = document.text[slice(*span)]
    said: list[str] = []
    turned: list[str] = []
    for subject, relation, object_ in question.get("evidence_triples", ()):
        both = _holds(document.title + " " + text, subject) and _holds(text, object_)
        if both and relation in STATED and re.search(STATED[relation], text):
            said += say_triple(subject, relation, object_)
            if relation in REVERSIBLE:
                turned += say_triple(object_, relation, subject)
    return _Base(
        "en",
        document,
        *span,
        question["question"],
        tuple(("triple", claim) for claim in said),
        turned[0] if turned else None,
    )


def _holds(text: str, name: str) -> bool:
    return name.lower() in text.lower()


def _texts(data: Path, name: str) -> dict[str, str]:
    return {item["id"]: item["text"] for item in _read(data, f"{name}/corpus")}


def _read(data: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

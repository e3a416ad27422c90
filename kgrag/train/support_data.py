"""Claims with what they cite, to train and measure the support model on.

WiCE: Wikipedia sentences with the pages that they cite. HaluEval: answers of a model to questions
of HotpotQA. XQuAD in Russian: answers exchanged between questions. WebNLG: several writers' words
for the same facts, against facts of the same kind. All become the same record.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from indexes.text import Language, sentences
from kgrag.verify.align import align
from kgrag.verify.rarity import rarity
from kgrag.verify.records import Ground
from kgrag.verify.words import words_of

CITED = 4
"""Sentences of a page that are taken for what a claim cites."""

AROUND = 1
"""Sentences on both sides of a cited one that make its context."""

MAX_SENTENCES = 400
MIN_WORDS, MIN_CHARS = 4, 30
_META = "(meta data)"


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, what it cites, and whether that supports it; ``group`` is never split by folds."""

    claim: str
    grounds: tuple[Ground, ...]
    supported: bool
    group: str
    language: Language = "en"


def read(data: Path, name: str) -> list[dict[str, Any]]:
    """Return the records of a corpus: ``faith/wice/claim-dev`` and the like."""
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def cite(
    claim: str, page: Sequence[str], *, title: str = "", most: int = CITED
) -> tuple[Ground, ...]:
    """Return the sentences of a page that cover a claim best, each with its neighbours.

    They are taken one after another, each the one that covers most of what is still open.
    """
    words = words_of(claim)
    weights = np.array([rarity(word.stem) * word.is_telling for word in words])
    page = [sentence for sentence in page[:MAX_SENTENCES] if sentence.strip()]
    covers = np.array([align(words, words_of(s), near=False).cover for s in page])
    if not len(covers) or not len(words):
        return ()
    # Of two that cover as much, the shorter; a long list covers much by chance.
    lengths = np.array([len(words_of(s)) for s in page])
    open_share = np.ones(len(words))
    chosen: list[int] = []
    while len(chosen) < most:
        gains = (covers * open_share * weights).sum(axis=1) - 0.002 * lengths
        best = int(np.argmax(gains))
        if best in chosen or (chosen and gains[best] <= 0.05 * weights.sum()):
            break
        chosen.append(best)
        open_share = np.minimum(open_share, 1 - covers[best])
    return tuple(_ground(page, index, title) for index in chosen)


def _ground(page: Sequence[str], index: int, title: str) -> Ground:
    first = max(index - AROUND, 0)
    context = " ".join(page[first : index + AROUND + 1])
    return Ground(page[index], context, title)


def wice(data: Path, name: str = "claim-dev") -> list[Pair]:
    """Return the claims of WiCE, supported or not (in part is not); a group is a page."""
    return [
        Pair(
            item["claim"],
            cite(item["claim"], item["evidence"], title=_title(item)),
            item["label"] == "supported",
            item["evidence"][0],
        )
        for item in read(data, f"faith/wice/{name}")
    ]


def wice_tokens(data: Path) -> list[Pair]:
    """Return claims of which some words are not supported, and the same without these words.

    None of them is a claim of ``wice``, nor cites a page that one of those cites.
    """
    measured = {item["evidence"][0] for item in read(data, "faith/wice/claim-dev")}
    pairs = []
    for number, item in enumerate(read(data, "faith/wice/non-supported-tokens-train")):
        if item["evidence"][0] in measured:
            continue  # 13 pages are also cited by claims on which we report
        kept = [
            token
            for token, wrong in zip(item["claim_tokens"], item["non_supported_spans"], strict=True)
            if not wrong
        ]
        for claim, supported in ((item["claim"], False), (" ".join(kept), True)):
            if len(claim.split()) >= MIN_WORDS:
                grounds = cite(claim, item["evidence"], title=_title(item))
                pairs.append(Pair(claim, grounds, supported, f"tokens-{number}"))
    return pairs


def reworded(data: Path, language: Language, count: int, seed: int) -> list[Pair]:
    """Return texts of WebNLG with another writer's words for the same facts, or for other facts.

    The other facts are of the same category, and where there are such, of the same subject.
    """
    draw = Random(f"{seed} webnlg {language}")
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in read(data, f"ie/webnlg-{language}/train"):
        if len(item["text"].split()) >= MIN_WORDS and item["entities"]:
            groups.setdefault(item["id"].rpartition("-")[0], []).append(item)
    by_subject: dict[str, list[str]] = {}
    for name, items in groups.items():
        by_subject.setdefault(items[0]["entities"][0]["name"], []).append(name)
    pairs = []
    for name in draw.sample(sorted(groups), len(groups)):
        items, subject = groups[name], groups[name][0]["entities"][0]["name"]
        strangers = [other for other in by_subject[subject] if other != name]
        if len(items) < 2 or not strangers:
            continue
        claim, own = (item["text"] for item in draw.sample(items, 2))
        other = draw.choice(groups[draw.choice(strangers)])["text"]
        for text, supported in ((own, True), (other, False)):
            grounds = (Ground(text, text, subject),)
            pairs.append(Pair(claim, grounds, supported, name, language))
        if len(pairs) >= count:
            break
    return pairs


def translated(data: Path, count: int, seed: int) -> list[Pair]:
    """Return texts of WebNLG with one in the other language for the same facts, or for others."""
    draw = Random(f"{seed} translated")
    english, russian = ({_facts(item): item for item in read(data, f"ie/webnlg-{lang}/train")}
                        for lang in ("en", "ru"))  # fmt: skip
    shared = sorted(english.keys() & russian.keys())
    pairs = []
    for number, key in enumerate(draw.sample(shared, min(count // 2, len(shared)))):
        said, cited = (english, russian) if number % 2 else (russian, english)
        claim, subject = said[key]["text"], cited[key]["entities"][0]["name"]
        for text, supported in ((cited[key], True), (cited[draw.choice(shared)], False)):
            grounds = (Ground(text["text"], text["text"], subject),)
            pairs.append(Pair(claim, grounds, supported, str(key), said[key]["lang"]))
    return pairs


def _facts(item: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    names = {entity["id"]: entity["name"] for entity in item["entities"]}
    facts = ((names[r["head"]], r["type"], names[r["tail"]]) for r in item["relations"])
    return tuple(sorted(facts))


def beside(data: Path, language: Language, count: int, seed: int) -> list[Pair]:
    """Return parts of sentences that cite the sentence, or another one of the same passage."""
    draw = Random(f"{seed} beside {language}")
    name = "ie/nerel/train" if language == "ru" else "qa/hipporag-2wiki-corpus/corpus"
    taken = {
        item["title"]
        for corpus in ("hotpotqa-200", "2wikimultihopqa-200")
        for item in read(data, f"qa/{corpus}/corpus")
    }
    items = [item for item in read(data, name) if item.get("title") not in taken]
    pairs: list[Pair] = []
    for item in draw.sample(items, len(items)):
        spans = [span for span in sentences(item["text"]) if span[1] - span[0] > MIN_CHARS]
        if len(spans) < 2:
            continue
        own, other = (item["text"][slice(*span)] for span in draw.sample(spans, 2))
        passage, title = " ".join(item["text"].split())[:1500], item.get("title", "")
        for text, supported in ((own, True), (other, False)):
            grounds = (Ground(text, passage, title),)
            pairs.append(Pair(_part(own, draw), grounds, supported, item["id"], language))
        if len(pairs) >= count:
            break
    return pairs


def _part(sentence: str, draw: Random) -> str:
    """Return a sentence, or its first clauses."""
    cuts = [at for at, char in enumerate(sentence) if char in ",;(" and at > MIN_CHARS]
    return sentence[: draw.choice(cuts)].strip() + "." if cuts and draw.random() < 0.7 else sentence


def _title(item: dict[str, Any]) -> str:
    page = (s.removeprefix(_META) for s in item["evidence"][:1] if s.startswith(_META))
    article = item.get("title") or (item.get("meta") or {}).get("claim_title") or ""
    return f"{article} {' '.join(page)}".strip()

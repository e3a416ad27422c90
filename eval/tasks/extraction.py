"""What the extractor finds: mentions, relations, what pronouns mean, and which entity names mean.

Data: examples/annotations.jsonl by default (Apache-2.0, annotated for this project); with --data
the test splits of shared/data (licences in its SOURCES.md): NEREL, CoNLL04, KnowledgeNet,
Re-DocRED, CrossRE, CrossNER, GUM and WNUT-17; WikiGold, UNER-EWT and SciERC, of which no model saw
anything; ELEVANT's benchmarks of links, GUM and BSNLP; or your own annotations
(docs/evaluation-sets.md). One real record, of CoNLL04: {"text": "John Wilkes Booth , who
assassinated President Lincoln , was an actor .", "entities": [{"type": "Peop", ...}]}. Strict:
borders and type of mentions, both mentions and relation of facts, over whole documents.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any

from eval.asked import Asked
from eval.extraction_items import Links, text_items
from eval.items import Case, Item
from eval.published import PUBLISHED
from eval.sets.annotated import AnnotatedSet, read_annotated
from indexes.text import Language
from kgrag.clusters import Linker
from kgrag.extract import Extractor
from kgrag.train.data import Example
from kgrag.train.scores import Counts

DEFAULT = ("examples",)
ANNOTATED = Path(__file__).parents[2] / "tests/kgrag/data/nerel_pronouns.json"
AT_ONCE = 32
"""Texts of one case: the extractor reads them in batches."""

Record = dict[str, Any]


def cases(asked: Asked) -> list[Case]:
    """Return a case for every few texts of each corpus, and with --data one for the links."""
    from kgrag.train.corpora import TEST

    tests = [name for corpora in TEST.values() for name in corpora]
    names = asked.options.sets or ((*DEFAULT, *tests) if asked.options.data else DEFAULT)
    tools = _tools(asked)
    found = []
    for name in names:
        corpus = read_annotated(name, data=asked.options.data)
        texts = corpus.examples[: asked.options.limit]
        asked.note_set(corpus.name, corpus.licence, corpus.checksum, len(texts), corpus.skipped)
        found += [
            Case(
                f"{corpus.name}: texts from {start + 1}",
                partial(_measure, tools, corpus, texts[start : start + AT_ONCE]),
            )
            for start in range(0, len(texts), AT_ONCE)
        ]
    if asked.options.data is not None and not asked.options.sets:
        found.append(Case("links of gold mentions", partial(_links, asked.data)))
    return found


def tables(asked: Asked, items: Sequence[Item]) -> Record:
    """Return what no row says: seeds, fine-tunes, published numbers, pronouns, speed."""
    del items
    if asked.options.data is None or asked.options.sets:
        return {}
    from kgrag.extract.bundled import MODELS_FOLDER
    from kgrag.train.coreference_scores import coreference_rows

    data = asked.data
    annotated = ANNOTATED if ANNOTATED.is_file() else None
    return {
        "seeds": {
            language: json.loads((MODELS_FOLDER / language / "seeds.json").read_text("utf-8"))
            for language in ("ru", "en")
        },
        "published": [[corpus, task, words] for (corpus, task), words in PUBLISHED.items()],
        "coreference": [asdict(row) for row in coreference_rows(data, annotated)],
        "speed": _speed(data),
    }


def _tools(asked: Asked) -> tuple[Extractor, Linker]:
    from kgrag.extract.bundled import BundledExtractor
    from kgrag.link import open_linker

    extractor, linker = BundledExtractor(), open_linker()
    asked.models |= {"extractor": extractor.fingerprint, "linker": linker.fingerprint}
    return extractor, linker


def _measure(
    tools: tuple[Extractor, Linker], corpus: AnnotatedSet, texts: Sequence[Example]
) -> list[Item]:
    extractor, linker = tools
    extractions = extractor.extract([example.text for example in texts])
    between = _between_gold(corpus, texts)
    links: dict[str, Links] = {
        example.id: {(link.start, link.end): link.wikidata for link in gold}
        for example, gold in zip(corpus.examples, corpus.links, strict=True)
        if gold
    }
    return [
        item
        for example, extraction, counts in zip(texts, extractions, between, strict=True)
        for item in text_items(
            corpus.name,
            example,
            extraction,
            has_facts=counts is not None,
            between_gold=counts,
            links=links.get(example.id),
            linker=linker,
        )
    ]


def _between_gold(corpus: AnnotatedSet, texts: Sequence[Example]) -> Sequence[Counts | None]:
    """Return the facts that the bundled models find between gold mentions, where there are any."""
    from kgrag.train.evaluate import with_gold_mentions
    from kgrag.train.tune import Development

    if not any(example.facts for example in corpus.examples):
        return [None] * len(texts)
    found: dict[str, Counts] = {}
    languages: tuple[Language, ...] = ("en", "ru")
    for language in languages:
        own = [example for example in texts if example.language == language]
        if own:
            counts = with_gold_mentions(_reader(language), Development.load(own))
            found |= {example.id: one for example, one in zip(own, counts, strict=True)}
    return [found[example.id] for example in texts]


@cache
def _reader(language: Language) -> Any:  # noqa: ANN401  kgrag.extract.reader.Reader
    from kgrag.extract.bundled import MODELS_FOLDER, ModelConfig, OnnxScorer
    from kgrag.extract.reader import Reader
    from kgrag.extract.words import WordTable

    folder = MODELS_FOLDER / language
    labels = ModelConfig.load(folder).labels
    return Reader(labels, WordTable(language, 400_000), OnnxScorer(folder))


def _links(data: Path) -> list[Item]:
    """Measure links of gold mentions, with the catalogue that ships and with the strict one."""
    from kgrag.train.linking import measure_linking

    return [
        Item(
            case=f"document {number}",
            group=f"{row.benchmark}, {row.catalogue} catalogue",
            counts={
                "links": (counts.right_links, counts.predicted, counts.linked),
                "link_accuracy": (counts.right, counts.mentions),
                "nil": (counts.right_nil, counts.nil),
                "link_coverage": (counts.reachable, counts.linked),
            },
        )
        for row in measure_linking(data)
        for number, counts in enumerate(row.documents, start=1)
    ]


def _speed(data: Path) -> Record:
    """Measure in a process of its own, so that nothing else counts."""
    command = [sys.executable, "-m", "eval.extraction_speed", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    speed: Record = json.loads(done.stdout)
    return speed

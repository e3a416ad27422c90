"""Measures an exported model on the test splits, and writes its model card."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from indexes.text import Language
from kgrag.extract.bundled import MODELS_FOLDER, ModelConfig, OnnxScorer
from kgrag.extract.reader import GivenSpan, Labels, Reader
from kgrag.extract.tokens import Part
from kgrag.extract.words import WordTable
from kgrag.ontology import load_ontology
from kgrag.train.corpora import TEST, TRAIN
from kgrag.train.data import Example, read_examples
from kgrag.train.scores import Counts, count_facts, count_mentions, to_prediction, total
from kgrag.train.tune import Development

COARSE = ("person", "place", "organization")

Row = tuple[str, str, Counts]


def evaluate(language: Language, data: Path, folder: Path | None = None) -> list[Row]:
    """Return (corpus, task, counts) for every test of a language; strict, entity level."""
    models = (MODELS_FOLDER if folder is None else folder) / language
    labels = ModelConfig.load(models).labels
    reader = Reader(labels, WordTable(language, 400_000), OnnxScorer(models, threads=1))
    rows: list[Row] = []
    for corpus, source in TEST[language].items():
        tests = Development.load(read_examples(data, [source]))
        rows += [(corpus, task, counts) for task, counts in _measure(reader, tests)]
    return rows


def _measure(reader: Reader, tests: Development) -> list[tuple[str, Counts]]:
    reads = tests.read(reader)
    labels = reader.labels
    predictions = [
        to_prediction(parts, read, labels) for parts, read in zip(tests.parts, reads, strict=True)
    ]
    pairs = list(zip(tests.examples, predictions, strict=True))
    rows: list[tuple[str, Counts]] = []
    if tests.examples[0].complete:
        rows.append(("mentions", total(count_mentions(one, two) for one, two in pairs)))
        rows += [
            (
                f"mentions: {group}",
                total(count_mentions(_of_group(one, group), two) for one, two in pairs),
            )
            for group in COARSE
        ]
    if any(example.facts for example in tests.examples):
        rows.append(("relations, end to end", total(count_facts(one, two) for one, two in pairs)))
        rows.append(("relations, gold mentions", _with_gold_mentions(reader, tests)))
    return rows


def _of_group(example: Example, group: str) -> Example:
    """Return the example as if its corpus annotated only the types of one group."""
    types = load_ontology().entity_types
    covered = frozenset(name for name in example.covered_types if types[name].group == group)
    mentions = tuple(mention for mention in example.mentions if mention.types & covered)
    return replace(example, mentions=mentions, covered_types=covered)


def _with_gold_mentions(reader: Reader, tests: Development) -> Counts:
    given = [
        _given(example, part, reader.labels)
        for example, parts in zip(tests.examples, tests.parts, strict=True)
        for part in parts
    ]
    reads = iter(reader.read(tests.texts, tests.flat_parts, given))
    return total(
        count_facts(
            example,
            to_prediction(parts, [next(reads) for _ in parts], reader.labels),
            given_mentions=True,
        )
        for example, parts in zip(tests.examples, tests.parts, strict=True)
    )


def _given(example: Example, part: Part, labels: Labels) -> list[GivenSpan]:
    first_at = {start: index for index, (start, _) in enumerate(part.tokens)}
    last_at = {end: index for index, (_, end) in enumerate(part.tokens)}
    number = {type_: index for index, type_ in enumerate(labels.types)}
    spans: dict[tuple[int, int], GivenSpan] = {}
    for mention in example.mentions:
        types = tuple(number[type_] for type_ in sorted(mention.types) if type_ in number)
        first, last = first_at.get(mention.start, -1), last_at.get(mention.end, -1)
        if types and min(first, last) >= 0:
            spans.setdefault((first, last), (first, last, types))
    return sorted(spans.values(), key=lambda span: (span[0], -span[1]))


def table(rows: Sequence[Row]) -> str:
    """Return the results as a Markdown table, in percent."""
    lines = ["| corpus | task | P | R | F1 | gold |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {corpus} | {task} | {100 * counts.precision:.1f} | {100 * counts.recall:.1f} "
        f"| {100 * counts.f1:.1f} | {counts.wanted} |"
        for corpus, task, counts in rows
    ]
    return "\n".join(lines)


def write_card(language: Language, rows: Sequence[Row], commit: str, note: str) -> Path:
    """Write the model card of a shipped model, with the numbers of this run."""
    folder = MODELS_FOLDER / language
    fit = json.loads((folder / "fit.json").read_text("utf-8"))
    labels = ModelConfig.load(folder).labels
    names = {"en": "English", "ru": "Russian"}
    sources = "\n".join(f"- {line}" for line in _SOURCES[language])
    files = "\n".join(f"- `{source.path}`" for source in TRAIN[language])
    size = sum(path.stat().st_size for path in folder.glob("*.onnx")) / 1e6
    card = f"""# The {names[language]} extraction model

Finds mentions ({len(labels.types)} types) and relations between them ({len(labels.relations)}
types) in {names[language]} text. Frozen static word vectors ({_VECTORS[language]}),
hashed features of spelling, gated dilated convolutions, all spans up to ten tokens, pairs of
mentions within two sentences. {fit["parameters"] / 1e6:.2f} M trained parameters, {size:.1f} MB in
float16, run by ONNX Runtime in float32. This card is written by
`python -m kgrag.train evaluate --language {language} --card`.

## Training
Seed {fit["seed"]}, {fit["epochs"]} epochs (best on dev: {fit["epoch"]}), {fit["cpu_minutes"]} CPU
minutes on one thread, {fit["texts"]} texts, {fit["tokens"]} tokens; commit {commit}. {note}
Strict F1 on dev: {", ".join(f"{name} {value}" for name, value in fit["dev"].items())}.

Data and licences:
{sources}

Files:
{files}

## Results
Strict: borders and type of a mention; both mentions and the relation of a fact. Where a corpus has
coarser labels than the ontology, any type that its label admits is right, and types and relations
that it does not annotate do not count. Facts hold between entities: any mentions of the two will
do. KnowledgeNet without its pronouns. Test data neither trained nor steered the model.

{table(rows)}

## Limits
Names unseen in training are missed more often than seen ones; no pronouns are resolved; a relation
between mentions more than two sentences apart is not looked for. Scores are not calibrated.
"""
    path = folder / "card.md"
    path.write_text(card, "utf-8")
    return path


_VECTORS = {
    "en": "wordllama, MIT, from the installed package",
    "ru": "navec, MIT, from the installed package",
}

_SOURCES: dict[Language, tuple[str, ...]] = {
    "ru": (
        "NEREL v1.1 train: texts of Russian Wikinews (CC BY 2.5), annotations published freely",
    ),
    "en": (
        "Re-DocRED dev (450 of 500 documents): MIT; text of Wikipedia, CC BY-SA 3.0",
        "KnowledgeNet, folds 1-2 without 203 passages kept for dev: CC BY-SA 4.0",
        "CoNLL04 train: no licence stated, published for research; the texts are not redistributed",
        "CrossRE politics, science, music (train, most of dev): GPL-3.0 repository, Wikipedia text",
        "SEC filings FIN5: CC BY 3.0",
    ),
}

"""Measures an exported model on the test splits; needs no torch."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexes.text import Language
from kgrag.extract.bundled import MODELS_FOLDER, ModelConfig, OnnxScorer
from kgrag.extract.labels import Labels
from kgrag.extract.reader import GivenSpan, Reader
from kgrag.extract.settle import ReadPart
from kgrag.extract.tokens import Part, Span
from kgrag.extract.words import WordTable
from kgrag.ontology import load_ontology
from kgrag.train.calibration import Bin, reliability
from kgrag.train.corpora import TEST, of_scheme
from kgrag.train.data import Example, read_examples
from kgrag.train.scores import (
    Counts,
    Prediction,
    count_facts,
    count_mentions,
    to_prediction,
    total,
)
from kgrag.train.tune import Development, Judged, judge

COARSE = ("person", "place", "organization")


@dataclass(frozen=True)
class Row:
    """One measurement: counts of each text, which add up and can be drawn anew."""

    corpus: str
    task: str
    texts: tuple[Counts, ...]

    @property
    def counts(self) -> Counts:
        """All texts together."""
        return total(self.texts)


@dataclass(frozen=True)
class Report:
    """Rows of all tests of a language, and how reliable the scores of the first one are."""

    rows: list[Row]
    mentions: list[Bin]
    relations: list[Bin]


def evaluate(
    language: Language, data: Path, folder: Path | None = None, scheme: str | None = None
) -> Report:
    """Measure a model, the shipped one by default; strict, entity level.

    ``scheme`` leaves only the tests with these labels.

    Raises
    ------
    ConfigError
        ``scheme`` is that of no test.
    OSError
        A corpus is missing below ``data``.
    """
    wanted = of_scheme(TEST[language].values(), scheme)
    models = (MODELS_FOLDER if folder is None else folder) / language
    labels = ModelConfig.load(models).labels
    table, scorer = WordTable(language, 400_000), OnnxScorer(models)
    rows: list[Row] = []
    judged: Judged | None = None
    for corpus, source in TEST[language].items():
        if source not in wanted:
            continue
        tests = Development.load(read_examples(data, [source]))
        reader = Reader(labels, table, scorer)
        reads = tests.read(reader)
        rows += [Row(corpus, task, counts) for task, counts in measure(reader, tests, reads)]
        judged = judged or judge(tests, reads, labels)
        if source.scheme in labels.conventions[1:]:
            own = Reader(labels, table, scorer, source.scheme)
            rows += [
                Row(corpus, f"{task}, its own convention", counts)
                for task, counts in measure(own, tests, tests.read(own))
                if ":" not in task
            ]
    assert judged is not None
    return Report(
        rows,
        reliability(judged.mention_scores, judged.mentions_right, labels.mention_scale),
        reliability(judged.relation_scores, judged.relations_right, labels.relation_scale),
    )


Texts = tuple[Counts, ...]


def measure(
    reader: Reader, tests: Development, reads: list[list[ReadPart]]
) -> list[tuple[str, Texts]]:
    """Return the name of each task and the counts of its texts."""
    labels = reader.labels
    predictions = [
        to_prediction(parts, read, labels) for parts, read in zip(tests.parts, reads, strict=True)
    ]
    pairs = list(zip(tests.examples, predictions, strict=True))
    rows: list[tuple[str, Texts]] = []
    if tests.examples[0].complete:
        rows.append(("mentions", tuple(count_mentions(one, two) for one, two in pairs)))
        rows += [
            (
                f"mentions: {group}",
                tuple(count_mentions(of_group(one, group), two) for one, two in pairs),
            )
            for group in COARSE
        ]
        rows.append(
            (
                "mentions: these three",
                tuple(count_mentions(of_group(one, *COARSE), two) for one, two in pairs),
            )
        )
    if any(example.facts for example in tests.examples):
        rows.append(("relations, end to end", tuple(count_facts(one, two) for one, two in pairs)))
        rows.append(
            (
                "relations: within sentences",
                tuple(
                    count_facts(*within_sentences(one, two, sentences_of(parts)))
                    for (one, two), parts in zip(pairs, tests.parts, strict=True)
                ),
            )
        )
        if not tests.examples[0].complete:  # KnowledgeNet, whose sentences stand alone.
            named = [(between_names(one), two) for one, two in pairs]
            rows.append(
                ("relations: between names", tuple(count_facts(one, two) for one, two in named))
            )
        rows.append(("relations, gold mentions", with_gold_mentions(reader, tests)))
    return rows


def between_names(example: Example) -> Example:
    """Return the example without facts that only pronouns have, which need not mean any name."""

    def is_named(ends: tuple[int, ...]) -> bool:
        return any(example.mentions[index].named for index in ends)

    pronouns = [index for index, mention in enumerate(example.mentions) if not mention.named]
    others = range(len(example.mentions))
    unknown = {pair for one in pronouns for two in others for pair in ((one, two), (two, one))}
    facts = tuple(
        fact for fact in example.facts if is_named(fact.subjects) and is_named(fact.objects)
    )
    return replace(example, facts=facts, unknown=example.unknown | unknown)


def sentences_of(parts: Sequence[Part]) -> list[Span]:
    """Return the sentences of a text, in order."""
    return [span for part in parts for span in part.sentences]


def within_sentences(
    example: Example, prediction: Prediction, sentences: Sequence[Span]
) -> tuple[Example, Prediction]:
    """Leave only the facts, gold and found, of which one sentence has both mentions."""
    starts = [start for start, _ in sentences]

    def sentence(offset: int) -> int:
        return bisect_right(starts, offset)

    gold = [sentence(mention.start) for mention in example.mentions]
    near = {
        fact: any(gold[one] == gold[two] for one in fact.subjects for two in fact.objects)
        for fact in example.facts
    }
    far = {
        (one, two)
        for fact, is_near in near.items()
        if not is_near
        for one in fact.subjects
        for two in fact.objects
    }
    found = [sentence(start) for start, _, _ in prediction.mentions]
    kept = [
        index
        for index, (one, _, two) in enumerate(prediction.relations)
        if found[one] == found[two]
    ]
    return (
        replace(
            example,
            facts=tuple(fact for fact in example.facts if near[fact]),
            unknown=example.unknown | far,
        ),
        replace(
            prediction,
            relations=tuple(prediction.relations[index] for index in kept),
            relation_scores=tuple(prediction.relation_scores[index] for index in kept),
        ),
    )


def of_group(example: Example, *groups: str) -> Example:
    """Return the example as if its corpus annotated only the types of some groups."""
    types = load_ontology().entity_types
    covered = frozenset(name for name in example.covered_types if types[name].group in groups)
    mentions = tuple(
        mention for mention in example.mentions if mention.types & covered or not mention.types
    )
    return replace(example, mentions=mentions, covered_types=covered)


def with_gold_mentions(reader: Reader, tests: Development) -> Texts:
    """Count the facts of each text that are found between its gold mentions."""
    given = [
        _given(example, part, reader.labels)
        for example, parts in zip(tests.examples, tests.parts, strict=True)
        for part in parts
    ]
    reads = iter(reader.read(tests.texts, tests.flat_parts, given))
    return tuple(
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

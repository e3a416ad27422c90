"""Dev: how well a model does while it trains, and the thresholds that suit it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kgrag.extract.labels import Labels
from kgrag.extract.reader import Reader
from kgrag.extract.settle import ReadPart
from kgrag.extract.tokens import Part, split
from kgrag.train.calibration import fit_scale
from kgrag.train.data import Example
from kgrag.train.scores import (
    Counts,
    count_facts,
    count_mentions,
    judge_facts,
    judge_mentions,
    to_prediction,
    total,
)

SPAN_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
CANDIDATE_THRESHOLDS = (0.3, 0.5, 0.7)
RELATION_THRESHOLDS = tuple(np.arange(0.1, 0.9, 0.05).round(2).tolist())

PRIOR_FACTS = 25
"""A relation's own threshold counts as much as this many gold facts of the common one."""


@dataclass(frozen=True)
class Development:
    """Examples with their texts cut into parts."""

    examples: list[Example]
    parts: list[list[Part]]

    @classmethod
    def load(cls, examples: Sequence[Example]) -> "Development":
        """Cut the examples' texts."""
        languages = ["ru" if example.language == "ru" else "en" for example in examples]
        return cls(
            list(examples),
            [
                split(example.text, "ru" if language == "ru" else "en")
                for example, language in zip(examples, languages, strict=True)
            ],
        )

    @property
    def flat_parts(self) -> list[Part]:
        """All parts, in order."""
        return [part for parts in self.parts for part in parts]

    @property
    def texts(self) -> list[str]:
        """The text of each part, in order."""
        pairs = zip(self.examples, self.parts, strict=True)
        return [example.text for example, parts in pairs for _ in parts]

    def read(self, reader: Reader) -> list[list[ReadPart]]:
        """Read every example."""
        reads = iter(reader.read(self.texts, self.flat_parts))
        return [[next(reads) for _ in parts] for parts in self.parts]


def evaluate_on_dev(reader: Reader, dev: Development) -> dict[str, float]:
    """Return strict F1 (0..100) of mentions and facts, over all corpora and for each."""
    mentions, facts = _counts(dev, dev.read(reader), reader.labels)
    scores = {"mentions": _percent(mentions), "facts": _percent(facts)}
    for name, counts in (("mentions", mentions), ("facts", facts)):
        scores.update((f"{scheme} {name}", round(100 * counts[scheme].f1, 1)) for scheme in counts)
    return scores


def tuned(reader: Reader, dev: Development) -> Labels:
    """Return the labels with the thresholds and the calibration that do best on dev."""
    labels = reader.labels
    best = (-1.0, labels.span_threshold)
    for threshold in SPAN_THRESHOLDS:
        # Mentions alone: no relation may keep a span that is under the threshold.
        reader.labels = replace(
            labels,
            span_threshold=threshold,
            candidate_threshold=threshold,
            relation_thresholds=dict.fromkeys(labels.relations, 1.1),
        )
        mentions, _ = _counts(dev, dev.read(reader), reader.labels)
        best = max(best, (_percent(mentions), threshold))
    chosen = (-1.0, labels)
    for candidate in CANDIDATE_THRESHOLDS:
        if candidate > best[1]:
            continue
        reader.labels = replace(labels, span_threshold=best[1], candidate_threshold=candidate)
        reads = dev.read(reader)
        thresholds = _relation_thresholds(dev, reads, reader.labels)
        settled = replace(reader.labels, relation_thresholds=thresholds)
        mentions, facts = _counts(dev, reads, settled)
        score = _percent(mentions) + _percent(facts)
        if score > chosen[0]:
            chosen = score, _calibrated(dev, reads, settled)
    reader.labels = labels
    return chosen[1]


def _calibrated(dev: Development, reads: list[list[ReadPart]], labels: Labels) -> Labels:
    """Return the labels with the scales that turn scores into shares that are right on dev."""
    judged = judge(dev, reads, labels)
    return replace(
        labels,
        mention_scale=fit_scale(judged.mention_scores, judged.mentions_right),
        relation_scale=fit_scale(judged.relation_scores, judged.relations_right),
    )


@dataclass(frozen=True)
class Judged:
    """Scores of what was found, each with whether it is right."""

    mention_scores: list[float]
    mentions_right: list[bool]
    relation_scores: list[float]
    relations_right: list[bool]


def judge(dev: Development, reads: list[list[ReadPart]], labels: Labels) -> Judged:
    """Return what was found in texts, and whether it was right, where that can be told."""
    judged = Judged([], [], [], [])
    for example, parts, read in zip(dev.examples, dev.parts, reads, strict=True):
        prediction = to_prediction(parts, read, labels)
        if example.complete:
            for score, right in zip(
                prediction.mention_scores, judge_mentions(example, prediction), strict=True
            ):
                if right is not None:
                    judged.mention_scores.append(score)
                    judged.mentions_right.append(right)
        for score, fact in zip(
            prediction.relation_scores, judge_facts(example, prediction), strict=True
        ):
            if fact is not None:
                judged.relation_scores.append(score)
                judged.relations_right.append(fact >= 0)
    return judged


def _relation_thresholds(
    dev: Development, reads: list[list[ReadPart]], labels: Labels
) -> dict[str, float]:
    """Pick each relation's threshold by its own F1 on dev, drawn towards the best common one."""
    curves: dict[str, list[Counts]] = defaultdict(list)
    for threshold in RELATION_THRESHOLDS:
        same = replace(labels, relation_thresholds=dict.fromkeys(labels.relations, threshold))
        counts: dict[str, Counts] = defaultdict(Counts)
        for example, parts, read in zip(dev.examples, dev.parts, reads, strict=True):
            prediction = to_prediction(parts, read, same)
            for name in {fact.relation for fact in example.facts} | {
                r for _, r, _ in prediction.relations
            }:
                counts[name] += count_facts(_only(example, name), prediction)
        for name in labels.relations:
            curves[name].append(counts[name])
    common = [
        total(curves[name][step] for name in labels.relations)
        for step in range(len(RELATION_THRESHOLDS))
    ]
    chosen: dict[str, float] = {}
    for name in labels.relations:
        size = max(common[0].wanted, 1)
        mixed = [
            _blend(own, every, PRIOR_FACTS / size)
            for own, every in zip(curves[name], common, strict=True)
        ]
        chosen[name] = RELATION_THRESHOLDS[int(np.argmax(mixed))]
    return chosen


def _blend(own: Counts, every: Counts, share: float) -> float:
    right = own.right + share * every.right
    return (
        2 * right / max(own.predicted + own.wanted + share * (every.predicted + every.wanted), 1e-9)
    )


def _only(example: Example, relation: str) -> Example:
    return replace(
        example,
        facts=tuple(fact for fact in example.facts if fact.relation == relation),
        covered_relations=example.covered_relations & {relation},
    )


def _counts(
    dev: Development, reads: list[list[ReadPart]], labels: Labels
) -> tuple[dict[str, Counts], dict[str, Counts]]:
    mentions: dict[str, Counts] = defaultdict(Counts)
    facts: dict[str, Counts] = defaultdict(Counts)
    for example, parts, read in zip(dev.examples, dev.parts, reads, strict=True):
        prediction = to_prediction(parts, read, labels)
        if example.complete:
            mentions[example.scheme] += count_mentions(example, prediction)
        facts[example.scheme] += count_facts(example, prediction)
    return mentions, facts


def _percent(counts: dict[str, Counts]) -> float:
    """Return the mean F1 over corpora, 0..100."""
    return round(100 * sum(count.f1 for count in counts.values()) / max(len(counts), 1), 2)

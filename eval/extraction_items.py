"""What is counted of one text that an extractor read, and what a reader sees of its mistakes.

Labels of the corpora are coarser than the ontology's types: whatever a label admits is right, and
what a corpus does not annotate counts neither for nor against (``kgrag.train.scores``).
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from eval.items import Item
from eval.metrics.calibration import bin_scores
from eval.metrics.clusters import conll_counts
from eval.metrics.linking import accuracy_counts, in_catalogue_counts, nil_counts
from eval.metrics.spans import Span, confusions, relaxed_counts
from eval.sets.gold import ONTOLOGY
from indexes.records import Extraction, Resolution
from kgrag.clusters import Linker
from kgrag.ontology import relation_label
from kgrag.resolve import resolve
from kgrag.train.data import Example
from kgrag.train.evaluate import COARSE, of_group
from kgrag.train.scores import (
    Counts,
    Prediction,
    count_facts,
    count_mentions,
    judge_facts,
    judge_mentions,
)

SHOWN_CHARACTERS = 600
SHOWN_MISTAKES = 12

Links = Mapping[Hashable, str | None]
"""Of a text, by its [start, end): the QID of each linked mention, None for NIL."""


def text_items(
    corpus: str,
    example: Example,
    extraction: Extraction,
    *,
    has_facts: bool,
    between_gold: Counts | None,
    links: Links | None,
    linker: Linker,
) -> list[Item]:
    """Return the item of a text, and one for each coarse type that its corpus has.

    Parameters
    ----------
    corpus:
        The group.
    example, extraction:
        What is annotated, and what was found.
    has_facts:
        Whether the corpus annotates relations at all.
    between_gold:
        Facts found between gold mentions, where that was measured.
    links:
        Gold links, where the corpus has them.
    linker:
        Links what was found.
    """
    found = as_prediction(extraction)
    counts: dict[str, tuple[float, ...]] = {}
    if example.complete:
        counts["mentions"] = _three(count_mentions(example, found))
        counts["mentions_relaxed"] = relaxed_counts(*_spans(example, found))
    if has_facts:
        counts["relations"] = _three(count_facts(example, found))
    if between_gold is not None:
        counts["relations_gold"] = _three(between_gold)
    if references := _references(example, found):
        counts["references"] = references
    verdicts = judge_mentions(example, found)
    judged = [
        (score, right)
        for score, right in zip(found.mention_scores, verdicts, strict=True)
        if right is not None
    ]
    if example.complete and judged:
        counts["calibration"] = bin_scores(*zip(*judged, strict=True))
    gold = _gold_clusters(example)
    if links is not None or gold:
        resolved = resolve(example.text, extraction, linker=linker, document_id=example.id)
        counts |= _links(links, resolved) if links is not None else {}
        counts |= {"clusters": conll_counts(gold, _found_clusters(resolved))} if gold else {}
    tags = {"language": example.language}
    item = Item(example.id, corpus, counts, tags=tags, shown=_shown(example, found, verdicts))
    coarse = [
        Item(
            example.id,
            f"{corpus}: {group}",
            {"mentions": _three(count_mentions(of_group(example, group), found))},
            tags=tags,
        )
        for group in COARSE
        if example.complete
    ]
    return [item, *coarse]


def as_prediction(extraction: Extraction) -> Prediction:
    """Return what an extractor found in the form in which it is scored."""
    return Prediction(
        tuple((item.start, item.end, item.type) for item in extraction.mentions),
        tuple(item.antecedent for item in extraction.mentions),
        tuple((item.subject, item.relation, item.object) for item in extraction.relations),
        tuple(item.score for item in extraction.mentions),
        tuple(item.score for item in extraction.relations),
    )


def _three(counts: Counts) -> tuple[float, ...]:
    return counts.right, counts.predicted, counts.wanted


def _spans(example: Example, found: Prediction) -> tuple[list[Span], list[Span]]:
    """Return gold and found names; a gold one has the type that was found there, if admitted."""
    verdicts = judge_mentions(example, found)
    names = [
        mention
        for mention, verdict in zip(found.mentions, verdicts, strict=True)
        if verdict is not None
    ]
    gold = []
    for mention in example.mentions:
        if mention.named and mention.types:
            there = (
                type_
                for start, end, type_ in names
                if start < mention.end and mention.start < end and type_ in mention.types
            )
            gold.append((mention.start, mention.end, next(there, min(mention.types))))
    return gold, names


def _references(example: Example, found: Prediction) -> tuple[float, ...] | None:
    """Count references by whether they were found to mean a name of the right entity.

    Only annotations in the ontology's own terms mark them; elsewhere a pronoun among the names is
    one that slipped in.
    """
    if example.scheme != ONTOLOGY:
        return None
    cluster = {(item.start, item.end): item.cluster for item in example.mentions}
    named: set[str] = set()
    wanted = 0
    for mention in sorted(example.mentions, key=lambda item: item.start):
        if mention.named:
            named.add(mention.cluster)
        else:
            wanted += mention.cluster in named
    if all(mention.named for mention in example.mentions):
        return None
    right = predicted = 0
    for span, antecedent in zip(found.mentions, found.antecedents, strict=True):
        if antecedent is not None:
            predicted += 1
            own = cluster.get(span[:2])
            right += own is not None and own == cluster.get(found.mentions[antecedent][:2])
    return right, predicted, wanted


def _gold_clusters(example: Example) -> list[list[Hashable]]:
    """Return the mentions of each entity that has several; a span is of one entity, its first."""
    entity_of: dict[Hashable, Hashable] = {}
    for mention in example.mentions:
        entity_of.setdefault((mention.start, mention.end), mention.cluster)
    return _several(entity_of)


def _found_clusters(resolved: Resolution) -> list[list[Hashable]]:
    """Return the same of what was found and resolved; aliases that the text states are one."""
    joined: dict[str, str] = {}

    def root(identity: str) -> str:
        while identity in joined:
            identity = joined[identity]
        return identity

    for one, other in resolved.same_as:
        if root(one) != root(other):
            joined[root(one)] = root(other)
    return _several(
        {(item.mention.start, item.mention.end): root(item.identity) for item in resolved.mentions}
    )


def _several(entity_of: Mapping[Hashable, Hashable]) -> list[list[Hashable]]:
    clusters: dict[Hashable, list[Hashable]] = {}
    for mention, entity in entity_of.items():
        clusters.setdefault(entity, []).append(mention)
    return [mentions for mentions in clusters.values() if len(mentions) > 1]


def _links(links: Links, resolved: Resolution) -> dict[str, tuple[float, ...]]:
    """Count links, end to end: a mention that was not found is not linked."""
    found: dict[Hashable, str | None] = {
        (item.mention.start, item.mention.end): item.identity if _is_qid(item.identity) else None
        for item in resolved.mentions
        if item.mention.antecedent is None and (item.mention.start, item.mention.end) in links
    }
    return {
        "links": in_catalogue_counts(links, found),
        "link_accuracy": accuracy_counts(links, found),
        "nil": nil_counts(links, found),
    }


def _is_qid(identity: str) -> bool:
    return identity[:1] == "Q" and identity[1:].isdigit()


def _shown(
    example: Example, found: Prediction, verdicts: Sequence[bool | None]
) -> Mapping[str, Any]:
    gold, names = _spans(example, found)
    known, told = {span[:2] for span in names}, {span[:2] for span in gold}
    text = example.text
    facts = judge_facts(example, found)
    return {
        "text": text[:SHOWN_CHARACTERS],
        "missed": [[text[a:b], type_] for a, b, type_ in gold if (a, b) not in known][
            :SHOWN_MISTAKES
        ],
        "invented": [
            [text[a:b], type_]
            for (a, b, type_), right in zip(found.mentions, verdicts, strict=True)
            if right is False and (a, b) not in told
        ][:SHOWN_MISTAKES],
        "confusions": [
            [one, two, count]
            for one, two, count in (confusions(gold, names) if _is_fine(example) else ())
        ],
        "wrong_relations": [
            _told(text, found.mentions[one], relation, found.mentions[two])
            for (one, relation, two), verdict in zip(found.relations, facts, strict=True)
            if verdict == -1
        ][:SHOWN_MISTAKES],
        "missed_relations": [
            _told(
                text,
                (example.mentions[fact.subjects[0]].start, example.mentions[fact.subjects[0]].end),
                fact.relation,
                (example.mentions[fact.objects[0]].start, example.mentions[fact.objects[0]].end),
            )
            for number, fact in enumerate(example.facts)
            if number not in facts
        ][:SHOWN_MISTAKES],
    }


def _is_fine(example: Example) -> bool:
    """Return whether the corpus tells the ontology's types apart."""
    typed = [mention for mention in example.mentions if mention.types]
    return bool(typed) and all(len(mention.types) == 1 for mention in typed)


def _told(text: str, one: Sequence[Any], relation: str, other: Sequence[Any]) -> list[str]:
    return [text[one[0] : one[1]], relation_label(relation, "en"), text[other[0] : other[1]]]

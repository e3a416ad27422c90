"""What is counted of a text: right as a whole, and wrong in one thing at a time."""

from dataclasses import replace

import pytest

from eval.extraction_items import Links, text_items
from eval.items import Item
from eval.measures import MEASURES, value
from eval.metrics.relations import relation_counts
from eval.summary import matrix
from indexes.records import Extraction, Mention, MentionRelation
from kgrag.ontology import load_ontology
from kgrag.train.data import Example, Fact, GoldMention
from tests.fakes import NoLinker

TEXT = "Euler was born in Basel. He left Basel in 1727."
SPANS = {"euler": (0, 5), "basel": (18, 23), "he": (25, 27), "again": (33, 38), "date": (42, 46)}


def span(name: str) -> tuple[int, int]:
    return SPANS[name]


EXAMPLE = Example(
    id="one",
    scheme="ontology",
    language="en",
    text=TEXT,
    mentions=(
        GoldMention(*span("euler"), frozenset({"person"}), "e"),
        GoldMention(*span("basel"), frozenset({"city"}), "b"),
        GoldMention(*span("he"), frozenset({"person"}), "e", named=False),
        GoldMention(*span("again"), frozenset({"city"}), "b"),
        GoldMention(*span("date"), frozenset({"date"}), "d"),
    ),
    facts=(Fact((0, 2), "P19", (1, 3)),),
    unknown=frozenset(),
    covered_types=frozenset(load_ontology().entity_types),
    covered_relations=frozenset(load_ontology().relation_types),
    complete=True,
)


def mention(name: str, type_: str, antecedent: int | None = None) -> Mention:
    start, end = span(name)
    return Mention(start, end, TEXT[start:end], type_, 0.9, antecedent)


PERFECT = Extraction(
    (
        mention("euler", "person"),
        mention("basel", "city"),
        mention("he", "person", 0),
        mention("again", "city"),
        mention("date", "date"),
    ),
    (MentionRelation(0, "P19", 1, 0, 24, 0.8),),
)


def item(found: Extraction, example: Example = EXAMPLE) -> Item:
    links: Links = {span("basel"): None, span("euler"): "Q7604"}
    return text_items(
        "set",
        example,
        found,
        has_facts=bool(example.facts),
        between_gold=None,
        links=links,
        linker=NoLinker(),
    )[0]


def measured(one: Item, name: str) -> float:
    measure = MEASURES[name]
    return value(measure, matrix([one], measure.counts))


def test_what_is_all_right_is_all_right() -> None:
    one = item(PERFECT)
    for name in ("mentions_f1", "mentions_relaxed_f1", "relations_f1", "references_f1"):
        assert measured(one, name) == 1.0, name
    assert measured(one, "coreference_f1") == pytest.approx(1.0)
    assert one.shown["missed"] == one.shown["invented"] == one.shown["wrong_relations"] == []
    assert [entry for entry in one.shown["confusions"] if entry[0] != entry[1]] == []


@pytest.mark.parametrize("relation", ["P19", "P551", "P26"])
@pytest.mark.parametrize("ends", [(0, 1), (1, 0), (0, 4), (2, 3)])
def test_relations_are_counted_as_the_metric_counts_them(
    relation: str, ends: tuple[int, int]
) -> None:
    names = (0, 1, 4)
    apart = replace(
        EXAMPLE,
        mentions=tuple(EXAMPLE.mentions[at] for at in names),
        facts=(Fact((0,), "P19", (1,)), Fact((0,), "P26", (2,))),
    )
    found = Extraction(PERFECT.mentions, (MentionRelation(ends[0], relation, ends[1], 0, 47, 0.8),))

    def typed(at: int) -> tuple[int, int, str]:
        one = PERFECT.mentions[at]
        return one.start, one.end, one.type

    known = load_ontology().relation_types
    symmetric = {name for name, kind in known.items() if kind.symmetric}
    gold = [(typed(0), "P19", typed(1)), (typed(0), "P26", typed(4))]
    expected = relation_counts(gold, [(typed(ends[0]), relation, typed(ends[1]))], symmetric)
    if 2 in ends:  # A reference may stand for the name that it means.
        expected = relation_counts(gold, [(typed(0), relation, typed(ends[1]))], symmetric)
    assert item(found, apart).counts["relations"] == expected


def test_a_linker_that_knows_nobody_finds_what_is_in_no_catalogue_and_nothing_else() -> None:
    one = item(PERFECT)
    assert one.counts["links"] == (0, 0, 1)
    assert one.counts["link_accuracy"] == (1, 2) and one.counts["nil"] == (1, 1)


def test_a_pronoun_that_means_the_wrong_name_is_seen_and_parts_the_clusters() -> None:
    wrong = replace(PERFECT.mentions[2], antecedent=1)
    one = item(Extraction((*PERFECT.mentions[:2], wrong, *PERFECT.mentions[3:]), ()))
    assert one.counts["references"] == (0, 1, 1)
    assert measured(one, "coreference_f1") < 1 and measured(one, "mentions_f1") == 1


def test_a_wrong_type_is_a_confusion_and_no_invention() -> None:
    wrong = replace(PERFECT.mentions[4], type="number")
    one = item(Extraction((*PERFECT.mentions[:4], wrong), PERFECT.relations))
    assert one.counts["mentions"] == (3, 4, 4) and measured(one, "relations_f1") == 1
    assert ["date", "number", 1] in one.shown["confusions"]
    assert one.shown["invented"] == []


def test_what_a_corpus_does_not_annotate_counts_neither_for_nor_against() -> None:
    persons = replace(
        EXAMPLE,
        mentions=EXAMPLE.mentions[:1],
        facts=(),
        covered_types=frozenset({"person"}),
        covered_relations=frozenset(),
    )
    one = item(Extraction((PERFECT.mentions[0], PERFECT.mentions[1]), ()), persons)
    assert one.counts["mentions"] == (1, 1, 1) and "relations" not in one.counts


def test_scores_are_kept_in_bins_with_how_many_were_right() -> None:
    bins = item(PERFECT).counts["calibration"]
    assert len(bins) == 30 and [round(x, 6) for x in bins[27:]] == [4.0, 3.6, 4.0]

from collections.abc import Sequence

from kgrag.train.data import Example, Fact, GoldMention
from kgrag.train.evaluate import within_sentences
from kgrag.train.scores import Prediction, Typed, count_facts, count_mentions

PERSON, CITY, PLACES = frozenset({"person"}), frozenset({"city"}), frozenset({"city", "country"})

EXAMPLE = Example(
    id="one",
    scheme="conll04",
    language="en",
    text="Euler was born in Basel. Euler left Basel for Russia.",
    mentions=(
        GoldMention(0, 5, PERSON, "euler"),
        GoldMention(18, 23, CITY, "basel"),
        GoldMention(25, 30, PERSON, "euler"),
        GoldMention(36, 41, CITY, "basel"),
        GoldMention(46, 52, PLACES, "russia"),
    ),
    facts=(Fact((0, 2), "P19", (1, 3)),),
    unknown=frozenset({(0, 4)}),
    covered_types=frozenset({"person", "city", "country"}),
    covered_relations=frozenset({"P19", "P27"}),
    complete=True,
)


def _predicted(
    mentions: Sequence[Typed],
    relations: Sequence[tuple[int, str, int]] = (),
    antecedents: Sequence[int | None] | None = None,
) -> Prediction:
    return Prediction(
        tuple(mentions),
        tuple(antecedents or [None] * len(mentions)),
        tuple(relations),
        (1.0,) * len(mentions),
        (1.0,) * len(relations),
    )


def test_a_mention_needs_its_borders_and_a_type_that_the_label_admits() -> None:
    prediction = _predicted(((0, 5, "person"), (18, 22, "city"), (46, 52, "country")))
    counts = count_mentions(EXAMPLE, prediction)
    assert (counts.right, counts.predicted, counts.wanted) == (2, 3, 5)


def test_types_that_the_corpus_does_not_annotate_do_not_count() -> None:
    prediction = _predicted(((6, 14, "event"), (0, 5, "event")))
    assert count_mentions(EXAMPLE, prediction).predicted == 1


def test_a_fact_counts_once_through_whichever_mentions() -> None:
    mentions = ((0, 5, "person"), (18, 23, "city"), (25, 30, "person"), (36, 41, "city"))
    counts = count_facts(EXAMPLE, _predicted(mentions, ((0, "P19", 1), (2, "P19", 3))))
    assert (counts.right, counts.predicted, counts.wanted) == (1, 1, 1)


def test_a_fact_with_a_wrong_type_direction_or_relation_is_wrong() -> None:
    mentions = ((0, 5, "person"), (18, 23, "country"), (36, 41, "city"))
    for relation in ((0, "P19", 1), (2, "P19", 0), (0, "P27", 2)):
        assert count_facts(EXAMPLE, _predicted(mentions, (relation,))).right == 0


def test_unknown_pairs_and_relations_that_the_corpus_lacks_do_not_count() -> None:
    mentions = ((0, 5, "person"), (46, 52, "country"), (18, 23, "city"))
    counts = count_facts(EXAMPLE, _predicted(mentions, ((0, "P27", 1), (0, "P551", 2))))
    assert (counts.right, counts.predicted, counts.wanted) == (0, 0, 1)


def test_a_pronoun_stands_for_the_name_that_it_means_and_is_no_mention_itself() -> None:
    mentions = ((0, 5, "person"), (18, 23, "city"), (31, 35, "person"))
    prediction = _predicted(mentions, [(2, "P19", 1)], [None, None, 0])
    assert count_facts(EXAMPLE, prediction).right == 1
    assert count_mentions(EXAMPLE, prediction).predicted == 2
    wrong = _predicted(mentions, [(2, "P19", 1)], [None, None, 1])
    assert count_facts(EXAMPLE, wrong).right == 0


def test_within_sentences_only_facts_with_both_ends_in_one_count() -> None:
    sentences = [(0, 24), (25, 53)]
    mentions = ((0, 5, "person"), (36, 41, "city"), (18, 23, "city"))
    across = _predicted(mentions, [(0, "P19", 1)])
    counts = count_facts(*within_sentences(EXAMPLE, across, sentences))
    assert (counts.right, counts.predicted, counts.wanted) == (0, 0, 1)
    inside = _predicted(mentions, [(0, "P19", 2)])
    assert count_facts(*within_sentences(EXAMPLE, inside, sentences)).right == 1

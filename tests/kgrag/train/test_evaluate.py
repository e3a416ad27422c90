from kgrag.train.data import Example, Fact, GoldMention
from kgrag.train.evaluate import between_names
from kgrag.train.scores import Prediction, count_facts

TEXT = "Euler says he was born in Basel. She lived in Riga."
SPANS = tuple(
    (TEXT.index(name), TEXT.index(name) + len(name), type_)
    for name, type_ in (
        ("Euler", "person"),
        ("he", "person"),
        ("Basel", "city"),
        ("She", "person"),
        ("Riga", "city"),
    )
)
EULER, HE, BASEL, SHE, RIGA = range(5)

EXAMPLE = Example(
    id="one",
    scheme="knowledgenet",
    language="en",
    text=TEXT,
    mentions=tuple(
        GoldMention(start, end, frozenset({type_}), cluster, named=named)
        for (start, end, type_), cluster, named in zip(
            SPANS,
            ("euler", "euler", "basel", "she", "riga"),
            (True, False, True, False, True),
            strict=True,
        )
    ),
    facts=(Fact((EULER, HE), "P19", (BASEL,)), Fact((SHE,), "P551", (RIGA,))),
    unknown=frozenset(),
    covered_types=frozenset({"person", "city"}),
    covered_relations=frozenset({"P19", "P551"}),
    complete=False,
)


def _counts(example: Example, *relations: tuple[int, str, int]) -> tuple[int, int, int]:
    """Return how many facts are right, predicted and wanted, where all mentions were found."""
    prediction = Prediction(
        SPANS, (None,) * len(SPANS), relations, (1.0,) * len(SPANS), (1.0,) * len(relations)
    )
    counts = count_facts(example, prediction)
    return counts.right, counts.predicted, counts.wanted


def test_between_names_a_fact_that_only_a_pronoun_has_is_not_wanted() -> None:
    assert between_names(EXAMPLE).facts == EXAMPLE.facts[:1]


def test_between_names_what_is_found_of_a_pronoun_is_neither_right_nor_wrong() -> None:
    found = (EULER, "P19", BASEL), (HE, "P19", BASEL), (SHE, "P551", RIGA), (SHE, "P19", BASEL)
    assert _counts(EXAMPLE, *found) == (2, 3, 2)
    assert _counts(between_names(EXAMPLE), *found) == (1, 1, 1)
    assert _counts(between_names(EXAMPLE), *found[1:]) == (0, 0, 1)


def test_between_names_a_wrong_fact_of_two_names_stays_wrong() -> None:
    assert _counts(between_names(EXAMPLE), (EULER, "P551", RIGA)) == (0, 1, 1)

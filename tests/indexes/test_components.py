import pytest

from indexes.components import entities_of, id_of_key
from indexes.rules import JoinRule, base_key, own_key, seen_by


def merge(id_: int, *groups: tuple[str, ...]) -> JoinRule:
    return JoinRule(id_, groups, frozenset(), frozenset(), groups[0])


def split(id_: int, left: str, *rest: str) -> JoinRule:
    groups = tuple((key,) for key in rest)
    return JoinRule(id_, ((left,), *groups), frozenset([left]), frozenset(rest), ())


def joined(keys: str, pairs: str, *rules: JoinRule) -> list[str]:
    """Return the components, each as its keys: "ab bc" says that a is b, and b is c."""
    rows = dict(enumerate(keys.split()))
    places = {key: row for row, key in rows.items()}
    said = {(places[pair[0]], places[pair[1]]): 1 for pair in pairs.split()}
    entities = entities_of(rows, said, rules)
    found: dict[str, str] = {}
    for row, key in rows.items():
        found[entities[row]] = found.get(entities[row], "") + key
    return sorted(found.values())


def test_documents_join_what_no_split_has_set_apart() -> None:
    assert joined("a b c d", "ab bc") == ["abc", "d"]
    assert joined("a b c", "ab bc", split(1, "a", "b")) == ["a", "bc"]


@pytest.mark.parametrize("pairs", ["ax bx", "bx ax", "ax xy yb", "by yx xa"])
def test_what_is_set_apart_is_not_joined_through_others_either(pairs: str) -> None:
    found = joined("a b x y", pairs, split(1, "a", "b"))
    assert all(not {"a", "b"} <= set(component) for component in found)


def test_what_joins_something_set_apart_is_itself_set_apart() -> None:
    """By a merge, a and x are one, so that x may not be joined with b."""
    assert joined("a b x", "xb", merge(1, ("x", "a")), split(2, "a", "b")) == ["ax", "b"]
    rules = merge(1, ("z", "x", "a")), split(2, "a", "b")
    assert joined("a b x z", "xb zx", *rules) == ["axz", "b"]


def test_a_newer_merge_lifts_a_split_and_an_older_one_does_not() -> None:
    assert joined("a b", "", split(1, "a", "b"), merge(2, ("a", "b"))) == ["ab"]
    assert joined("a b", "ab", merge(1, ("a", "b")), split(2, "a", "b")) == ["a", "b"]


def test_a_merge_that_lifts_a_split_brings_all_of_the_rest_with_it() -> None:
    """When a left them, b and c were one by a merge; a is merged with b again: all are one."""
    rules = merge(1, ("b", "c")), split(2, "a", "b", "c"), merge(3, ("b", "a"))
    assert joined("a b c", "", *rules) == ["abc"]


def test_the_id_is_that_of_what_the_newest_merge_kept() -> None:
    keys = {1: "Q1", 2: "Q2", 3: "Q3"}
    first, second = merge(1, ("Q2", "Q1")), merge(2, ("Q3", "Q2"))
    assert set(entities_of(keys, {}, [first, second]).values()) == {"Q3"}
    assert set(entities_of({1: "Q1", 2: "Q2"}, {}, [first, second]).values()) == {"Q2"}
    people = {1: "person|a", 2: "person|b"}
    kept = entities_of(people, {}, [merge(1, ("person|b", "person|a"))])
    assert set(kept.values()) == {id_of_key("person|b")}


def test_documents_never_join_two_wikidata_entities() -> None:
    keys = {1: "Q1", 2: "x", 3: "Q2"}
    assert entities_of(keys, {(1, 2): 1, (2, 3): 2}, []) == {1: "Q1", 2: "Q2", 3: "Q2"}


def test_a_rule_knows_a_key_without_the_splits_that_came_after_it() -> None:
    key = own_key(7, own_key(3, "person|a b|c"))
    assert [seen_by(rule, key) for rule in (2, 3, 6, 7)] == [
        "person|a b|c",
        "split:3|person|a b|c",
        "split:3|person|a b|c",
        key,
    ]
    assert base_key(key) == "person|a b|c"
    assert base_key("Q1") == seen_by(0, "Q1") == "Q1"
    assert not id_of_key(own_key(1, "Q1")).startswith("Q")

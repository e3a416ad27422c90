"""The explorer's graphs: what is drawn of a library, around an entity, and between two."""

import threading
from itertools import combinations, pairwise
from pathlib import Path

import networkx as nx
import pytest

from indexes.errors import EntityNotFoundError
from indexes.library import Library
from kgrag.explore import Explorer
from kgrag.explorer.overview import EDGES_PER_NODE
from kgrag.explorer.records import Graph, GraphFilter
from tests.indexes.samples import plain_library
from tests.kgrag.exploring import Stated, as_network, entity_id, keys, names, state, without_dates

RELATIONS = ("P26", "P40", "P108")


def test_the_overview_shows_the_best_connected_with_their_degrees(crowd: Library) -> None:
    drawn = Explorer(crowd).overview()
    expected = without_dates(crowd)
    assert {node.entity.id: node.degree for node in drawn.nodes} == dict(expected.degree)
    assert [node.degree for node in drawn.nodes] == sorted(
        (degree for _, degree in expected.degree), reverse=True
    )
    assert (drawn.total_nodes, drawn.total_edges) == (len(expected), expected.size())


def test_an_overview_of_few_shows_only_those_and_says_so(crowd: Library) -> None:
    drawn = Explorer(crowd).overview(limit=20)
    best = sorted((degree for _, degree in without_dates(crowd).degree), reverse=True)
    assert len(drawn.nodes) == 20
    assert [node.degree for node in drawn.nodes[:15]] == best[:15]
    assert drawn.is_truncated
    assert drawn.total_nodes == len(without_dates(crowd))
    shown = {node.entity.id for node in drawn.nodes}
    assert all({edge.subject, edge.object} <= shown for edge in drawn.edges)


def test_only_so_many_edges_are_drawn_and_none_that_holds_the_rest_together_is_missing(
    crowd: Library,
) -> None:
    drawn = Explorer(crowd).overview()
    whole = without_dates(crowd)
    assert whole.size() > EDGES_PER_NODE * len(whole)
    assert len(drawn.edges) == EDGES_PER_NODE * len(drawn.nodes)
    assert drawn.is_truncated
    kept = nx.Graph((edge.subject, edge.object) for edge in drawn.edges)
    assert set(map(frozenset, nx.connected_components(kept))) == set(
        map(frozenset, nx.weakly_connected_components(whole))
    )
    left = [edge for edge in whole.edges(data=True) if (edge[0], edge[1]) not in kept.edges]
    least = sorted(edge.confidence for edge in drawn.edges)[len(drawn.nodes)]
    assert all(data["score"] <= least for _, _, data in left)


def test_an_unsure_edge_is_drawn_where_nothing_else_joins_two_parts(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    facts: list[Stated] = [
        (f"{part}ora {one}", relation, f"{part}ora {other}", 0.9)
        for part in "KL"
        for one, other in combinations("ABCDEFGHIJ", 2)
        for relation in RELATIONS
    ]
    state(library, "a.txt", [*facts, ("Kora A", "P26", "Lora B", 0.01)])
    drawn = Explorer(library).overview()
    library.close()
    assert len(drawn.edges) == EDGES_PER_NODE * 20 < drawn.total_edges
    assert min(edge.confidence for edge in drawn.edges) == pytest.approx(0.01)
    assert nx.is_connected(nx.Graph((edge.subject, edge.object) for edge in drawn.edges))


def test_a_hub_whose_neighbours_are_little_known_gets_one_of_them(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    spokes = [(f"Hub {hub}", "P40", f"{hub} leaf {n}") for hub in "ABCD" for n in "QRSTUVW"]
    known = [(f"A leaf {one}", "P26", f"A leaf {other}") for one, other in pairwise("QRSTUVW")]
    state(library, "a.txt", spokes + known)
    drawn = Explorer(library).overview(limit=10)
    library.close()
    assert len(drawn.nodes) == 10
    assert {f"Hub {hub}" for hub in "ABCD"} <= set(names(drawn))
    joined = {end for edge in drawn.edges for end in (edge.subject, edge.object)}
    assert joined == {node.entity.id for node in drawn.nodes}


def test_dates_are_drawn_only_where_they_are_asked_for(crowd: Library) -> None:
    explorer = Explorer(crowd)
    year = entity_id(crowd, "1701")
    assert year not in {node.entity.id for node in explorer.overview().nodes}
    dated = explorer.overview(GraphFilter(types=("person", "date")))
    assert year in {node.entity.id for node in dated.nodes}
    assert {node.entity.type for node in dated.nodes} == {"person", "date"}
    assert year in {node.entity.id for node in explorer.neighbours(year).nodes}
    people = explorer.overview(GraphFilter(types=("person",)))
    assert {node.entity.type for node in people.nodes} == {"person"}
    assert people.total_edges == explorer.overview().total_edges


def test_a_filter_by_relation_and_confidence_leaves_just_those_facts(crowd: Library) -> None:
    where = GraphFilter(relations=("P26", "P40"), min_confidence=0.6)
    drawn = Explorer(crowd).overview(where)
    expected = {
        (subject, relation, object_)
        for subject, object_, relation in as_network(crowd, 0.6).edges(keys=True)
        if relation in where.relations
    }
    assert drawn.total_edges == len(expected) > len(drawn.nodes)
    assert keys(drawn) <= expected


def test_a_filter_by_document_draws_what_it_states_as_sure_as_it_is(crowd: Library) -> None:
    row = next(iter(crowd.db.execute("SELECT document FROM sources WHERE name = '7.txt'")))[0]
    stated = crowd.graph.triplets(document=row)
    drawn = Explorer(crowd).overview(GraphFilter(documents=("7.txt",), types=("person", "date")))
    shown = {(e.subject, e.relation, e.object): e.confidence for e in drawn.edges}
    assert shown == {
        (fact.subject.id, fact.relation, fact.object.id): fact.confidence for fact in stated
    }


def test_a_filter_that_nothing_passes_draws_nothing(crowd: Library) -> None:
    for where in (
        GraphFilter(relations=("P999",)),
        GraphFilter(types=("city",)),
        GraphFilter(documents=("none.txt",)),
        GraphFilter(since="2100-01-01"),
    ):
        drawn = Explorer(crowd).overview(where)
        assert (drawn.nodes, drawn.edges, drawn.total_edges) == ((), (), 0)
        assert not drawn.is_truncated


def test_a_filter_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.5"):
        GraphFilter(min_confidence=1.5)
    with pytest.raises(ValueError, match="yesterday"):
        GraphFilter(since="yesterday")


def test_groups_become_communities_with_the_names_of_their_best_connected(crowd: Library) -> None:
    drawn = Explorer(crowd).overview()
    by_community: dict[int, set[str]] = {}
    for node in drawn.nodes:
        by_community.setdefault(node.community, set()).add(node.entity.name[0])
    assert [community.size for community in drawn.communities] == [12] * 5
    assert sorted(map(tuple, by_community.values())) == [("K",), ("L",), ("M",), ("N",), ("P",)]
    for community in drawn.communities:
        members = [n.entity.name for n in drawn.nodes if n.community == community.id]
        assert community.label == ", ".join(members[:3])


def test_a_community_is_called_by_names_rather_than_by_words(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    ties: list[Stated] = [
        (name, "P106", "professor") for name in ("Anna", "Boris", "Clara", "Dmitri")
    ]
    state(library, "a.txt", ties, {"professor": "profession"})
    drawn = Explorer(library).overview()
    library.close()
    assert drawn.nodes[0].entity.name == "professor"
    (community,) = drawn.communities
    assert "professor" not in community.label
    assert community.label.count(", ") == 2


def test_the_same_library_is_drawn_the_same_each_time(crowd: Library) -> None:
    assert Explorer(crowd).overview() == Explorer(crowd).overview()


def test_an_unknown_entity_is_told_in_plain_words(crowd: Library) -> None:
    explorer = Explorer(crowd)
    known = entity_id(crowd, "Kora Aell")
    for ask in (
        lambda: explorer.neighbours("e:none"),
        lambda: explorer.path("e:none", known),
        lambda: explorer.path(known, "e:none"),
        lambda: explorer.entity("e:none"),
    ):
        with pytest.raises(EntityNotFoundError, match="'e:none'"):
            ask()


def test_a_write_is_seen_at_once(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    explorer = Explorer(library)
    assert explorer.overview() == Graph()
    id_ = state(library, "a.txt", [("Anna", "P26", "Boris")])
    assert set(names(explorer.overview())) == {"Anna", "Boris"}
    state(library, "b.txt", [("Anna", "P40", "Clara")], same_as=[("Boris", "Clara")])
    assert {node.degree for node in explorer.overview().nodes} == {2}
    library.remove(id_)
    assert explorer.overview().total_edges == 1
    library.close()


def test_threads_see_whole_versions_while_another_writes(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    state(library, "0.txt", [("Anna", "P26", "Boris")])
    explorer = Explorer(library)
    seen: list[tuple[int, int]] = []
    done = threading.Event()
    failures: list[BaseException] = []

    def look() -> None:
        try:
            while not done.is_set():
                drawn = explorer.overview()
                seen.append((drawn.total_edges, len(explorer.find(""))))
                assert sum(node.degree for node in drawn.nodes) == 2 * drawn.total_edges
        except BaseException as error:  # Whatever ends a thread fails the test.
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 15):
        state(library, f"{number}.txt", [("Anna", "P40", f"Child {number}")])
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen
    assert explorer.overview().total_edges == 15
    library.close()

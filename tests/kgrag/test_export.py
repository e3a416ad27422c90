import csv
import io
import json
import re

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from indexes.records import Entity, Evidence, Triplet
from kgrag.export import FORMATS, to_csv, to_graphml, to_jsonld, to_turtle

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@cmd",
    "\t=1",
    "<b>&amp;\"'",
    "a\x00\x1f\ufffeb",
    "]]>",
    "\\u0041",
    "\r\n",
)


def fact_of(name: str, quote: str, wikidata: str | None = None, page: int | None = 1) -> Triplet:
    evidence = Evidence("sha256:1", name, page, 3, 3 + len(quote), quote, "hand", 0.5)
    subject = Entity(wikidata or f"e:{name}", name, "person", wikidata=wikidata)
    return Triplet(subject, "P26", Entity("e:2", "Katharina", "person"), (evidence,))


FACT = fact_of("Leonhard Euler", "Euler married Katharina.", "Q7604")


def test_no_facts_are_valid_in_every_format() -> None:
    for write in FORMATS.values():
        assert write([]).strip()


def test_csv_has_a_line_for_each_piece_of_evidence() -> None:
    both = Triplet(FACT.subject, FACT.relation, FACT.object, FACT.evidence * 2)
    lines = list(csv.DictReader(io.StringIO(to_csv([both]))))
    assert len(lines) == 2
    assert lines[0]["subject"] == "Leonhard Euler"
    assert lines[0]["subject_wikidata"] == "Q7604"
    assert (lines[0]["relation_wikidata"], lines[0]["object_wikidata"]) == ("P26", "")
    assert (lines[0]["start"], lines[0]["end"], lines[0]["page"]) == ("3", "27", "1")
    assert (lines[0]["quote"], lines[0]["confidence"]) == ("Euler married Katharina.", "0.5000")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_the_csv_is_a_formula(text: str) -> None:
    for row in csv.reader(io.StringIO(to_csv([fact_of(text, text)]), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@given(_TEXT, _TEXT)
def test_csv_parses_back_equal(name: str, quote: str) -> None:
    written = to_csv([fact_of(name, quote)])
    _, row = csv.reader(io.StringIO(written, newline=""))
    assert row[0].removeprefix("'") == name.removeprefix("'")
    assert row[-1].removeprefix("'") == quote.removeprefix("'")


def _storable(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


@given(_TEXT, _TEXT)
def test_graphml_parses_back_equal(name: str, quote: str) -> None:
    graph = nx.parse_graphml(to_graphml([fact_of(name, quote)]))
    assert len(graph.nodes) == 2
    assert _storable(name) in {data["name"] for _, data in graph.nodes(data=True)}
    ((_, _, edge),) = graph.edges(data=True)
    assert (edge["relation"], edge["label"], edge["confidence"]) == ("P26", "spouse", 0.5)
    (evidence,) = json.loads(edge["evidence"])
    assert evidence["kgrag:quote"] == re.sub("[\ufffe\uffff]", "", quote)  # JSON escapes the rest
    etree.fromstring(to_graphml([fact_of(name, quote)]).encode())


@given(_TEXT, _TEXT)
def test_jsonld_parses_back_equal(name: str, quote: str) -> None:
    (statement,) = json.loads(to_jsonld([fact_of(name, quote, page=None)]))["@graph"]
    assert statement["rdf:subject"]["rdfs:label"] == name
    assert statement["kgrag:evidence"][0]["kgrag:quote"] == quote
    assert statement["kgrag:evidence"][0]["kgrag:page"] is None


def test_wikidata_becomes_iris_and_what_it_lacks_is_named_by_urn() -> None:
    (statement,) = json.loads(to_jsonld([FACT]))["@graph"]
    assert statement["rdf:subject"]["@id"] == "http://www.wikidata.org/entity/Q7604"
    assert statement["rdf:predicate"]["@id"] == "http://www.wikidata.org/prop/direct/P26"
    assert statement["rdf:object"]["@id"] == "urn:kgrag:entity:e%3A2"
    foreign = Triplet(FACT.subject, "kgrag:no such> relation", FACT.object, FACT.evidence)
    assert "<urn:kgrag:relation:no%20such%3E%20relation>" in to_turtle([foreign])


_IRI = r"<[^\x00-\x20<>\"{}|^`\\]+>"
_LITERAL = r'"(?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9a-fA-F]{4})*"'
_EVIDENCE = (
    rf" ; kgrag:evidence \[ kgrag:document {_LITERAL} ; kgrag:start \d+ ; kgrag:end \d+ ; "
    rf"kgrag:quote (?P<quote>{_LITERAL}) \]"
)
_TURTLE = (
    rf"@prefix \w+: {_IRI} \.",
    rf"{_IRI} rdfs:label {_LITERAL} \.",
    rf"{_IRI} {_IRI} {_IRI} \.",
    rf"\[\] a rdf:Statement ; rdf:subject {_IRI} ; rdf:predicate {_IRI} ; "
    rf"rdf:object {_IRI}(?:{_EVIDENCE})+ \.",
)


@given(_TEXT, _TEXT)
def test_turtle_follows_its_grammar_and_keeps_the_quotation(name: str, quote: str) -> None:
    written = to_turtle([fact_of(name, quote)])
    lines = written.removesuffix("\n").split("\n")
    assert len(lines) == 7
    for line in lines:
        assert any(re.fullmatch(form, line) for form in _TURTLE), line
    found = re.search(_EVIDENCE, lines[-1])
    assert found is not None
    assert json.loads(found["quote"]) == quote

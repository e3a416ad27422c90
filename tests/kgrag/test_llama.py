import asyncio
import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest
from llama_index.core import PropertyGraphIndex
from llama_index.core.chat_engine import ContextChatEngine
from llama_index.core.graph_stores.types import (
    KG_NODES_KEY,
    KG_RELATIONS_KEY,
    EntityNode,
    PropertyGraphStore,
)
from llama_index.core.ingestion.pipeline import get_transformation_hash
from llama_index.core.llms import MockLLM
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode, NodeWithScore, TextNode

from indexes.errors import LibraryEmptyError
from indexes.records import Extraction, Mention, MentionRelation
from indexes.scope import Filter
from kgrag import KnowledgeBase
from kgrag.events import SearchResult
from kgrag.extract import Extractor
from kgrag.llama import LibraryExtractor, LibraryRetriever
from tests.fakes import CapitalisedExtractor, open_knowledge_base, write_files
from tests.test_layers import IMPORTS, home

QUESTION = "Whom did Leonhard Euler meet?"
MEETING = "Leonhard Euler met Christian Goldbach in 1727."
LETTER = "Anna Ivanova wrote to Leonhard Euler."


def workbook() -> bytes:
    """Return two sheets, which count as pages: the second tells of a meeting."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "nothing of note"
    book.create_sheet("second")["A1"] = "Leonhard Euler met Daniel Bernoulli."
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


FILES: dict[str, str | bytes] = {
    "meetings.md": f"# Weather 😀\n\nrain fell all day.\n\n# Meetings\n\n{MEETING}\n",
    "letters.txt": LETTER,
    "sheets.xlsx": workbook(),
}


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """Lend an event loop: LlamaIndex 0.14 makes one in synchronous calls, and never closes it."""
    with asyncio.Runner() as runner:
        runner.get_loop()
        yield


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("llama")
    write_files(folder / "documents", FILES)
    with open_knowledge_base(folder / "library", chroma=False) as opened:
        opened.add(folder / "documents")
        yield opened


def engine(retriever: LibraryRetriever) -> RetrieverQueryEngine:
    """Return a query engine whose language model answers with all that it was shown."""
    return RetrieverQueryEngine.from_args(retriever, llm=MockLLM())


def spans(nodes: Sequence[NodeWithScore]) -> list[tuple[str, int, int, float | None]]:
    return [
        (n.metadata["document_id"], n.metadata["start"], n.metadata["end"], n.score) for n in nodes
    ]


def node_of(nodes: Sequence[NodeWithScore], part: str) -> TextNode:
    (node,) = [item.node for item in nodes if part in item.node.get_content()]
    assert isinstance(node, TextNode)
    return node


def test_the_sources_of_an_answer_are_the_passages_of_the_search(kb: KnowledgeBase) -> None:
    passages = kb.search(QUESTION).passages
    response = engine(LibraryRetriever(kb)).query(QUESTION)
    assert spans(response.source_nodes) == [
        (p.document_id, p.start, p.end, p.score) for p in passages
    ]
    ids = [node.node_id for node in response.source_nodes]
    assert len(set(ids)) == len(ids) > 3
    assert ids == [node.node_id for node in LibraryRetriever(kb).retrieve(QUESTION)]
    assert spans(LibraryRetriever(kb, limit=2).retrieve(QUESTION)) == spans(
        response.source_nodes[:2]
    )


def test_a_node_is_its_span_of_the_stored_document(kb: KnowledgeBase) -> None:
    nodes = [item.node for item in LibraryRetriever(kb).retrieve(QUESTION)]
    assert any(node.metadata["start"] > 0 for node in nodes)
    for node in nodes:
        assert isinstance(node, TextNode)
        document = kb.document(node.metadata["document_id"])
        assert document.text[node.metadata["start"] : node.metadata["end"]] == node.text
        assert document.text[node.start_char_idx : node.end_char_idx] == node.text
        assert node.metadata["document"] == document.name
        assert node.metadata["page"] == document.page_at(node.metadata["start"])
        assert node.ref_doc_id == document.id
    assert node_of(LibraryRetriever(kb).retrieve(QUESTION), "Bernoulli").metadata["page"] == 2


def test_a_node_has_the_facts_that_its_own_passage_states(kb: KnowledgeBase) -> None:
    nodes = LibraryRetriever(kb).retrieve(QUESTION)
    assert set(node_of(nodes, MEETING).metadata["facts"].split("\n")) == {
        f'Leonhard Euler - significant person - Christian Goldbach: "{MEETING}"',
        f'Christian Goldbach - significant person - 1727: "{MEETING}"',
    }
    assert node_of(nodes, "rain fell").metadata["facts"] == ""
    russian = LibraryRetriever(kb).retrieve("Кого встретил Leonhard Euler (Эйлер)?")
    assert "Anna Ivanova - значимое лицо - " in node_of(russian, LETTER).metadata["facts"]


def test_the_language_model_reads_name_page_and_facts_and_nothing_else(kb: KnowledgeBase) -> None:
    only_letters = LibraryRetriever(kb, where=Filter(documents=("letters.txt",)))
    shown = str(engine(only_letters).query(QUESTION))
    fact = f'Anna Ivanova - significant person - Leonhard Euler: "{LETTER}"'
    assert f"\ndocument: letters.txt\nfacts: {fact}\n\n{LETTER}\n" in shown
    sheets = LibraryRetriever(kb, where=Filter(documents=("sheets.xlsx",)), limit=1)
    assert "\ndocument: sheets.xlsx\npage: 2\nfacts: " in str(engine(sheets).query(QUESTION))
    (node,) = only_letters.retrieve(QUESTION)
    assert node.node.get_content(MetadataMode.EMBED) == f"document: letters.txt\n\n{LETTER}"


def test_only_the_documents_of_the_filter_are_sources(kb: KnowledgeBase) -> None:
    for name in FILES:
        only = LibraryRetriever(kb, where=Filter(documents=(name,)))
        nodes = engine(only).query(QUESTION).source_nodes
        assert {node.metadata["document"] for node in nodes} == {name}
    nobody = LibraryRetriever(kb, where=Filter(folder="elsewhere"))
    assert engine(nobody).query(QUESTION).source_nodes == []


def test_a_chat_engine_reads_the_library_at_every_turn(kb: KnowledgeBase) -> None:
    memory = ChatMemoryBuffer.from_defaults()  # the default one leaks its SQLite connection
    chat = ContextChatEngine.from_defaults(
        LibraryRetriever(kb, limit=1), llm=MockLLM(), memory=memory
    )
    for question, text in ((QUESTION, MEETING), ("Who wrote to Leonhard Euler?", LETTER)):
        (node,) = chat.chat(question).source_nodes
        assert text in node.node.get_content()


def test_an_empty_library_says_so_through_the_query_engine(tmp_path: Path) -> None:
    with open_knowledge_base(tmp_path, chroma=False) as empty:
        with pytest.raises(LibraryEmptyError, match="holds no documents yet"):
            engine(LibraryRetriever(empty)).query(QUESTION)
        with pytest.raises(LibraryEmptyError, match="holds no documents yet"):
            asyncio.run(engine(LibraryRetriever(empty)).aquery(QUESTION))


def test_awaited_searches_run_beside_the_event_loop(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = engine(LibraryRetriever(kb)).query(QUESTION)
    threads: list[int] = []
    search = kb.search

    def noted(question: str, *, limit: int = 8, where: Filter | None = None) -> SearchResult:
        threads.append(threading.get_ident())
        return search(question, limit=limit, where=where)

    async def twice() -> None:
        asking = engine(LibraryRetriever(kb))
        for response in await asyncio.gather(asking.aquery(QUESTION), asking.aquery(QUESTION)):
            assert response.source_nodes == expected.source_nodes

    monkeypatch.setattr(kb, "search", noted)
    asyncio.run(twice())
    assert len(threads) == 2
    assert threading.get_ident() not in threads


TEXTS = ("😀 In 1727 Leonhard Euler met Christian Goldbach.", LETTER)


class PronounExtractor:
    """Knows one text, in which "She" is who was named before, and a fact is stated twice."""

    name = "pronoun"
    fingerprint = "pronoun-1"
    text = "Anna\nIvanova met Euler. She wrote to Euler, and to Euler again."

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        mentions = (
            Mention(0, 12, "Anna\nIvanova", "person", 0.9),
            Mention(17, 22, "Euler", "person", 0.7),
            Mention(24, 27, "She", "person", 0.8, antecedent=0),
            Mention(37, 42, "Euler", "person", 0.6),
            Mention(51, 56, "Euler", "person", 0.6),
        )
        relations = (
            MentionRelation(0, "P3342", 1, 0, 23, 0.4),
            MentionRelation(2, "P3342", 3, 24, 63, 0.5),
            MentionRelation(3, "P3342", 4, 24, 63, 0.5),
        )
        return [Extraction(mentions, relations) for _ in texts]


def property_graph(nodes: list[TextNode], extractor: Extractor | None) -> PropertyGraphStore:
    index = PropertyGraphIndex(
        nodes, kg_extractors=[LibraryExtractor(extractor)], embed_kg_nodes=False, llm=MockLLM()
    )
    return index.property_graph_store


def cited(graph: PropertyGraphStore, name: str) -> set[tuple[str, str, str, str]]:
    """Return the triplets about a name, each with its quotation, which must be in its node."""
    found = set()
    for subject, relation, object_ in graph.get_triplets(entity_names=[name]):
        for item in (subject, relation, object_):
            given = item.properties
            (node,) = graph.get_llama_nodes([given["triplet_source_id"]])
            assert node.get_content()[given["start"] : given["end"]] == given["quote"]
            assert 0 < given["score"] < 1
        found.add((subject.id, relation.label, object_.id, relation.properties["quote"]))
    return found


def test_a_property_graph_holds_the_triplets_with_their_quotations() -> None:
    nodes = [TextNode(text=text, metadata={"file": f"{n}.txt"}) for n, text in enumerate(TEXTS)]
    graph = property_graph(nodes, CapitalisedExtractor())
    met = ("Leonhard Euler", "significant person", "Christian Goldbach", TEXTS[0])
    wrote = ("Anna Ivanova", "significant person", "Leonhard Euler", LETTER)
    dated = ("1727", "significant person", "Leonhard Euler", TEXTS[0])
    assert cited(graph, "Leonhard Euler") == {met, wrote, dated}
    (year,) = graph.get(ids=["1727"])
    assert (year.label, year.properties["quote"], year.properties["file"]) == (
        "date",
        "1727",
        "0.txt",
    )


def test_a_pronoun_stands_for_its_name_and_a_fact_is_quoted_where_it_is_surest() -> None:
    graph = property_graph([TextNode(text=PronounExtractor.text)], PronounExtractor())
    assert {node.id for node in graph.get() if isinstance(node, EntityNode)} == {
        "Anna Ivanova",
        "Euler",
    }
    sentence = PronounExtractor.text[24:]
    assert cited(graph, "Euler") == {("Anna Ivanova", "significant person", "Euler", sentence)}


def test_the_extractor_that_ships_fills_a_property_graph() -> None:
    born = "Leonhard Euler was born in Basel."
    graph = property_graph([TextNode(text=born)], None)
    assert ("Leonhard Euler", "place of birth", "Basel", born) in cited(graph, "Basel")


def test_what_other_extractors_found_in_a_node_is_kept() -> None:
    node = TextNode(text=LETTER)
    first, second = LibraryExtractor(CapitalisedExtractor()), LibraryExtractor(PronounExtractor())
    second(first([node]))
    assert [entity.id for entity in node.metadata[KG_NODES_KEY]] == [
        *("Anna Ivanova", "Leonhard Euler"),
        *("Anna Ivanova", "Euler"),
    ]
    assert len(node.metadata[KG_RELATIONS_KEY]) == 2


def test_another_extractor_is_another_transformation_to_a_cache() -> None:
    nodes = [TextNode(text=LETTER)]
    one, same, other = (
        get_transformation_hash(nodes, LibraryExtractor(extractor))
        for extractor in (CapitalisedExtractor(), CapitalisedExtractor(), PronounExtractor())
    )
    assert one == same != other


def test_no_module_waits_for_llama_index() -> None:
    assert [module for module, target, _ in IMPORTS if home(target) == "kgrag.llama"] == []

"""R8: what a language model answers wrongly is never kept and never becomes an edge."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.check import find_problems, state_hash
from indexes.errors import ConfigError, LibraryMismatchError
from kgrag import KnowledgeBase, Settings
from kgrag.extract_settings import ExtractSettings
from kgrag.model_settings import ModelSettings
from kgrag.settings import SearchSettings
from tests.chat_server import (
    Behaviour,
    ChatServer,
    Exchange,
    break_off_after,
    hang,
    refuse,
    rubbish,
    say,
    serving,
)
from tests.fakes import HashEmbedder, NoLinker, write_files

ENGLISH = "Leonhard Euler was born in Basel in 1707."
RUSSIAN = "Леонард Эйлер родился в Базеле в 1707 году."
OLD = "Daniel Bernoulli was born in Groningen."

_BIRTHS = {
    ENGLISH: ("Leonhard Euler", "Basel"),
    RUSSIAN: ("Леонард Эйлер", "Базеле"),
    OLD: ("Daniel Bernoulli", "Groningen"),
}


def truth(exchange: Exchange) -> None:
    """Answer with what the text in the prompt states."""
    shown = exchange.body["messages"][-1]["content"]
    births = [(text, *ends) for text, ends in _BIRTHS.items() if text in shown]
    mentions = [
        {"quote": name, "type": kind}
        for _, who, where in births
        for name, kind in ((who, "person"), (where, "city"))
    ]
    triplets = [
        {"subject": who, "relation": "place of birth", "object": where, "quote": text}
        for text, who, where in births
    ]
    told = {"mentions": mentions, "triplets": triplets}
    say(json.dumps(told, ensure_ascii=False), size=50)(exchange)


def lie(exchange: Exchange) -> None:
    """Name what is in no text, in the best of forms."""
    birth = {"subject": "Gauss", "relation": "place of birth", "object": "Paris"}
    triplet = {**birth, "quote": "Gauss was born in Paris."}
    mentions = [{"quote": "Gauss", "type": "person"}, {"quote": "Paris", "type": "city"}]
    say(json.dumps({"mentions": mentions, "triplets": [triplet]}))(exchange)


def think(exchange: Exchange) -> None:
    """Think until the tokens are spent, as a server sends it that keeps thoughts apart."""
    exchange.begin()
    exchange.piece(None, reasoning_content="Let me see.")
    exchange.end("length")


WRONG: dict[str, tuple[Behaviour, str]] = {
    "nothing": (say(""), "answered with nothing"),
    "white space": (say(" \n "), "answered with nothing"),
    "thoughts": (think, "nothing but thoughts. If it is one that thinks, switch that off"),
    "thoughts in the text": (say("<think>Well.</think>"), "nothing but thoughts"),
    "an empty object": (say("{}"), "JSON of another shape"),
    "prose": (say("Euler was born in Basel."), "what is no JSON: “Euler was born in Basel.”"),
    "what is cut off": (say('{"mentions": [{"quote": "Eul', finish="length"), "was not done after"),
    "half": (say('{"mentions": [{"quote": "Eul'), "what is no JSON"),
    "lies": (lie, "named nothing that stands in the text"),
    "no chat": (rubbish(b"data: {rubbish}\n\n"), "answered with what is no chat completion"),
    "half a stream": (break_off_after('{"mentions": []'), "broke off"),
    "a refusal": (refuse(400, "no grammar here"), "was not asked: .* 400 .no grammar here"),
    "no leave": (refuse(401), "Name the environment variable that holds the key"),
    "silence": (hang, "has not sent its first word within 0.3 s"),
}


@pytest.fixture
def served() -> Iterator[tuple[ChatServer, str]]:
    with serving() as (server, url):
        server.usual = truth
        yield server, url


def open_library(folder: Path, url: str, *, first_token_s: float = 60.0) -> KnowledgeBase:
    return KnowledgeBase.open(
        folder,
        Settings(
            search=SearchSettings(chroma=False),
            extract=ExtractSettings(kind="llm"),
            model=ModelSettings(endpoint=url, first_token_s=first_token_s),
        ),
        embedder=HashEmbedder,
        linker=NoLinker,
    )


def edges(kb: KnowledgeBase) -> list[tuple[str, str, str]]:
    return sorted(
        (fact.subject.name, fact.relation, evidence.quote)
        for fact in kb.facts()
        for evidence in fact.evidence
    )


@pytest.mark.parametrize(("wrong", "told"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_a_wrong_answer_leaves_nothing_and_a_right_one_later_makes_the_edge(
    tmp_path: Path, served: tuple[ChatServer, str], wrong: Behaviour, told: str, text: str
) -> None:
    server, url = served
    (path,) = write_files(tmp_path, {"new.txt": text})
    server.usual = wrong
    wait_s = 0.3 if wrong is hang else 60.0
    with open_library(tmp_path / "library", url, first_token_s=wait_s) as kb:
        kb.add([])
        before = state_hash(kb.library)
        (file,) = kb.add(path).files
        assert (file.outcome, file.document_id, file.mentions) == ("failed", None, 0)
        assert (file.reason or "").startswith("model: new.txt: The language model at http://127.")
        assert re.search(told, file.reason or ""), file.reason
        assert state_hash(kb.library) == before
        assert (kb.documents(), kb.facts(), find_problems(kb.library)) == ([], [], [])
    server.usual = truth
    with open_library(tmp_path / "library", url) as kb:
        (file,) = kb.add(path).files
        assert (file.outcome, file.mentions, file.triplets) == ("indexed", 2, 1)
        assert edges(kb) == [(_BIRTHS[text][0], "P19", text)]
        assert kb.facts()[0].evidence[0].extractor == "llm:scripted"


def test_one_wrong_answer_leaves_the_rest_of_the_batch(
    tmp_path: Path, served: tuple[ChatServer, str]
) -> None:
    server, url = served

    def sometimes(exchange: Exchange) -> None:
        (say("{}") if "cursed" in exchange.prompt else truth)(exchange)

    server.usual = sometimes
    texts = {"a.txt": ENGLISH, "b.txt": f"A cursed page. {OLD}", "c.txt": RUSSIAN, "d.txt": ""}
    paths = write_files(tmp_path, dict(texts))
    with open_library(tmp_path / "library", url) as kb:
        report = kb.add(paths)
        assert [file.outcome for file in report.files] == ["indexed", "failed", "indexed", "empty"]
        assert sorted(quote for _, _, quote in edges(kb)) == [ENGLISH, RUSSIAN]
        assert find_problems(kb.library) == []
        asked = len(server.requests)
        server.usual = truth
        report = kb.add(paths)
        assert [file.outcome for file in report.files] == [
            "unchanged",
            "indexed",
            "unchanged",
            "unchanged",
        ]
        assert len(server.requests) == asked + 1
        assert "Daniel Bernoulli" in [name for name, _, _ in edges(kb)]


def test_an_update_that_the_model_cannot_read_leaves_the_old_version_answering(
    tmp_path: Path, served: tuple[ChatServer, str]
) -> None:
    server, url = served
    (path,) = write_files(tmp_path, {"letter.txt": OLD})
    with open_library(tmp_path / "library", url) as kb:
        kb.add(path)
        before = state_hash(kb.library)
        path.write_text(ENGLISH, "utf-8")
        server.usual = say("no")
        assert kb.add(path).files[0].outcome == "failed"
        assert state_hash(kb.library) == before
        assert edges(kb) == [("Daniel Bernoulli", "P19", OLD)]
        server.usual = truth
        assert kb.add(path).files[0].outcome == "indexed"
        assert edges(kb) == [("Leonhard Euler", "P19", ENGLISH)]


def test_a_server_that_goes_down_fails_what_is_not_done_and_what_is_done_stays(
    tmp_path: Path,
) -> None:
    many = write_files(tmp_path, {f"{n:02}.txt": f"Letter {n}. {OLD}" for n in range(40)})
    with serving() as (server, url):
        server.usual = truth
        kb = open_library(tmp_path / "library", url)
        assert kb.add(many[0]).files[0].outcome == "indexed"
    with kb:
        report = kb.add(many)
        assert [file.outcome for file in report.files] == ["unchanged", *["failed"] * 39]
        for file in report.files[1:]:
            assert "cannot be reached. Start it (kgrag vllm MODEL)" in (file.reason or "")
        assert edges(kb) == [("Daniel Bernoulli", "P19", OLD)]


def test_a_library_of_another_extractor_is_not_added_to(
    tmp_path: Path, served: tuple[ChatServer, str]
) -> None:
    from tests.fakes import open_knowledge_base

    _, url = served
    (path,) = write_files(tmp_path, {"a.txt": ENGLISH})
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        kb.add(path)
    with open_library(tmp_path / "library", url) as kb:
        with pytest.raises(LibraryMismatchError, match="kgrag rebuild"):
            kb.add(path)


def test_extraction_by_a_model_needs_one(tmp_path: Path) -> None:
    settings = Settings(extract=ExtractSettings(kind="llm"))
    with KnowledgeBase.open(tmp_path / "library", settings) as kb:
        with pytest.raises(ConfigError, match=r"name its server in \[model\] endpoint"):
            kb.add(tmp_path)

"""Conversations over HTTP, and as files that are only text."""

import html
import re

import pytest
from starlette.testclient import TestClient

from kgrag.events import Answer, Citation, Sentence
from tests.ui.library import PAYLOADS
from tests.ui.rest.serving import BORN, MAIN, document_of, error_of
from ui.rest.transcript import to_html, to_markdown
from ui.rest.turns import KeptTurn

PATH = f"{MAIN}/conversations"


def begun(client: TestClient) -> str:
    made = client.post(PATH, json={"title": "Euler's life"}).json()
    client.post(f"{MAIN}/ask", json={"question": BORN, "conversation": made["id"]})
    return f"{PATH}/{made['id']}"


def test_a_conversation_is_listed_read_renamed_and_deleted(client: TestClient) -> None:
    path = begun(client)
    (listed,) = client.get(PATH).json()
    assert set(listed) == {"id", "title", "begun", "changed", "turns"}
    assert (listed["title"], listed["turns"]) == ("Euler's life", 1)
    assert client.patch(path, json={"title": "Basel"}).json()["title"] == "Basel"
    assert client.get(path).json()["title"] == "Basel"
    assert client.delete(path).status_code == 204
    for gone in (client.get(path), client.delete(path), client.patch(path, json={"title": "x"})):
        assert error_of(gone)[0] == 404


def test_with_a_document_the_answers_that_cite_it_go(client: TestClient) -> None:
    path = begun(client)
    client.delete(document_of(client, "handlist.txt"))
    assert client.get(path).json()["turns"] == [{"question": BORN, "answer": None}]
    for format in ("md", "html"):
        saved = client.get(f"{path}/export", params={"format": format}).text
        assert "a document that it cited was removed" in saved
        assert "Basel" not in saved.replace(BORN, "")


@pytest.mark.parametrize(("format", "kind"), [("md", "text/markdown"), ("html", "text/html")])
def test_a_conversation_is_saved_with_its_citations(
    client: TestClient, format: str, kind: str
) -> None:
    saved = client.get(f"{begun(client)}/export", params={"format": format})
    assert kind in saved.headers["content-type"]
    assert saved.headers["content-disposition"].startswith("attachment; ")
    assert "sandbox" in saved.headers["content-security-policy"]
    text = (
        html.unescape(re.sub(r"<[^>]*>", "", saved.text))
        if format == "html"
        else re.sub(r"\\(.)", r"\1", saved.text)
    )
    for told in (BORN, "Leonhard Euler was born in Basel.", "[1]", "handlist.txt"):
        assert told in text


def hostile(text: str) -> KeptTurn:
    source = Citation(1, "sha256:a", text, 3, 0, 1, f"{text}\n{text}")
    sentences = (
        Sentence(text, (1,)),
        Sentence(text, (1,), "contradicted", text),
        Sentence(text, (), "partly", text),
    )
    answer = Answer(text, sentences, (source,), False, text, "llm", 0.1, "other", text)
    return KeptTurn(text, answer)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_is_said_becomes_markup_in_html(payload: str) -> None:
    plain = to_html("title", [hostile("plain")])
    made = to_html(payload, [hostile(payload)])
    assert re.findall(r"<\W*\w+", made) == re.findall(r"<\W*\w+", plain)
    assert set(re.findall(r"<[^>]*>", made)) == set(re.findall(r"<[^>]*>", plain))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_is_said_becomes_markup_in_markdown(payload: str) -> None:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    plain = reader.parse(to_markdown("title", [hostile("plain")]))
    made = reader.parse(to_markdown(payload, [hostile(payload)]))

    def kinds(tokens: list[object]) -> list[str]:
        found = []
        for token in tokens:
            found.append(token.type)  # type: ignore[attr-defined]
            inner = token.children or []  # type: ignore[attr-defined]
            found += [each.type for each in inner if each.type not in ("text", "softbreak")]
        return found

    assert not {"html_block", "html_inline", "link_open", "image", "fence", "code_block"} & set(
        kinds(made)  # type: ignore[arg-type]
    )
    # A line break within a quotation may begin a paragraph of it.
    assert set(kinds(made)) - {"text_special"} == set(kinds(plain)) - {"text_special"}  # type: ignore[arg-type]

"""The example documents and the questions asked of them belong together.

The documents are read here by hand, without the product's own parsers, so that a parser that loses
text cannot hide a quotation that is wrong.
"""

import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypedDict

import pypdfium2
import pytest
from lxml import etree, html

EXAMPLES = Path(__file__).parents[1] / "examples"
DOCUMENTS = sorted((EXAMPLES / "documents").iterdir())
MAX_BYTES = 100_000
FEWEST = {
    "single": 10,
    "two-hop": 5,
    "contradiction": 2,
    "homonym": 3,
    "cross-lingual": 5,
    "table": 3,
    "unanswerable": 10,
}
RUSSIAN = {
    "club-bulletin.md",
    "dashkova.docx",
    "friedrich-ii.html",
    "goldbach.txt",
    "voltaire-i-ekaterina.pdf",
}
BLOCK_TAGS = {"p", "li", "td", "th", "h1", "h2", "title", "tr"}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Evidence(TypedDict):
    document: str
    quote: str


class Question(TypedDict):
    id: str
    lang: str
    question: str
    answerable: bool
    answer: str | None
    evidence: list[Evidence]
    kind: str


def one_space(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def html_text(source: bytes) -> str:
    root = html.document_fromstring(source, parser=html.HTMLParser(encoding="utf-8"))
    etree.strip_elements(root, "script", "style", with_tail=False)
    for element in root.iter(*BLOCK_TAGS):
        element.tail = " " + (element.tail or "")
    return "".join(str(piece) for piece in root.itertext())


def plain_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page_text(path: Path) -> str:
    return html_text(path.read_bytes())


def pdf_text(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as pdf:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def docx_text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))
    return "\n".join(
        "".join(run.text or "" for run in paragraph.iter(WORD + "t"))
        for paragraph in body.iter(WORD + "p")
    )


def epub_text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "\n".join(
            html_text(archive.read(name)) for name in archive.namelist() if name.endswith(".xhtml")
        )


READERS: dict[str, Callable[[Path], str]] = {
    ".txt": plain_text,
    ".md": plain_text,
    ".html": page_text,
    ".pdf": pdf_text,
    ".docx": docx_text,
    ".epub": epub_text,
}


@cache
def text_of(name: str) -> str:
    path = EXAMPLES / "documents" / name
    return one_space(READERS[path.suffix](path))


def read_questions() -> list[Question]:
    lines = (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


QUESTIONS = read_questions()


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["id"] for question in QUESTIONS])
def test_every_quote_stands_in_its_document(question: Question) -> None:
    for evidence in question["evidence"]:
        assert evidence["quote"] == one_space(evidence["quote"])
        assert evidence["quote"] in text_of(evidence["document"])


def test_ids_and_questions_are_unique() -> None:
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS)
    assert len({question["question"] for question in QUESTIONS}) == len(QUESTIONS)


def test_every_question_has_exactly_the_expected_fields() -> None:
    for question in QUESTIONS:
        assert set(question) == set(Question.__annotations__)
        assert question["lang"] in {"en", "ru"}
        assert question["kind"] in FEWEST


def test_only_answerable_questions_have_an_answer_and_evidence() -> None:
    for question in QUESTIONS:
        assert question["answerable"] == (question["kind"] != "unanswerable")
        assert question["answerable"] == bool(question["answer"])
        assert question["answerable"] == bool(question["evidence"])


def test_every_kind_is_asked_often_enough() -> None:
    counts = Counter(question["kind"] for question in QUESTIONS)
    assert len(QUESTIONS) >= 36
    assert {kind for kind, fewest in FEWEST.items() if counts[kind] < fewest} == set()


def test_both_languages_are_asked_about_equally() -> None:
    for group in (QUESTIONS, [one for one in QUESTIONS if not one["answerable"]]):
        russian = sum(question["lang"] == "ru" for question in group)
        assert 0.4 <= russian / len(group) <= 0.6


def test_two_hop_questions_and_contradictions_need_two_documents() -> None:
    for question in QUESTIONS:
        if question["kind"] in {"two-hop", "contradiction"}:
            assert len({evidence["document"] for evidence in question["evidence"]}) == 2


def test_cross_lingual_questions_have_evidence_in_the_other_language() -> None:
    for question in QUESTIONS:
        if question["kind"] == "cross-lingual":
            languages = {
                "ru" if one["document"] in RUSSIAN else "en" for one in question["evidence"]
            }
            assert languages - {question["lang"]}


def test_every_document_is_evidence_for_some_question() -> None:
    cited = {evidence["document"] for question in QUESTIONS for evidence in question["evidence"]}
    assert cited == {path.name for path in DOCUMENTS}


def test_the_documents_are_in_every_format_and_in_the_language_expected() -> None:
    assert {path.suffix for path in DOCUMENTS} == set(READERS)
    assert RUSSIAN < {path.name for path in DOCUMENTS}
    for path in DOCUMENTS:
        cyrillic = len(re.findall(r"[а-яё]", text_of(path.name), re.IGNORECASE))
        latin = len(re.findall(r"[a-z]", text_of(path.name), re.IGNORECASE))
        assert (cyrillic > latin) == (path.name in RUSSIAN)


def test_documents_are_small_and_long_enough_to_read() -> None:
    for path in DOCUMENTS:
        assert path.stat().st_size < MAX_BYTES
        assert 250 <= len(text_of(path.name).split()) <= 700


def test_pdfs_have_pages_and_the_epub_declares_itself_first() -> None:
    for path in DOCUMENTS:
        if path.suffix == ".pdf":
            with pypdfium2.PdfDocument(path) as pdf:
                assert len(pdf) >= 2
        if path.suffix == ".epub":
            with zipfile.ZipFile(path) as archive:
                first = archive.infolist()[0]
                assert first.filename == "mimetype"
                assert first.compress_type == zipfile.ZIP_STORED
                assert archive.read(first) == b"application/epub+zip"

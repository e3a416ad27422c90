"""R4 as far as parsing goes, S5, S9: bad files are named, parsers locked in, nothing escapes."""

import json
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.errors import ParseError
from kgrag.parse import ParsedText, ParserPool, read_file
from tests.kgrag.parse.samples import book_of, word_of, zip_of

_SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data"
_MANIFEST = _SAMPLES / "documents" / "manifest.json"
_OUTCOMES = {
    "text": {"text"},
    "little-text": {"text"},
    "no-text": {"empty"},
    "error": {"error"},
    "error-or-password": {"error"},
    "any-no-crash": {"text", "empty", "error"},
    "text-or-unsupported": {"text", "error"},
    "text-or-clear-error": {"text", "error"},
}
_MISLABELLED = {"pydocx-tbl-having-tables.docx"}
"""The manifest says text; every cell of its tables is empty."""
_ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
_LAUGHS = f'<!DOCTYPE d [<!ENTITY e0 "laughter">{_ENTITIES}]>'

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the limits are those of POSIX")


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(1) as parsers:
        yield parsers


def read_sample(pool: ParserPool, name: str) -> ParsedText:
    if not _MANIFEST.exists():
        pytest.skip("needs the sample documents of ../shared/data")
    path = _SAMPLES / "documents" / name
    return pool.parse(path.name, read_file(path, pool.limits))


# R4 ------------------------------------------------------------------------------------------


@pytest.mark.skipif(not _MANIFEST.exists(), reason="needs the sample documents of ../shared/data")
def test_every_sample_document_ends_as_it_should(pool: ParserPool) -> None:
    wrong = []
    for sample in json.loads(_MANIFEST.read_text()):
        path = _SAMPLES / sample["path"]
        start = time.perf_counter()
        try:
            parsed = pool.parse(path.name, read_file(path, pool.limits))
            outcome = "text" if parsed.text else "empty"
            assert unicodedata.is_normalized("NFC", parsed.text), path
            assert not [c for c in parsed.text if ord(c) < 32 and c not in "\n\t"], path
        except ParseError as error:
            outcome = "error"
            assert path.name in str(error) and "\n" not in str(error), error
            assert error.reason in ("unsupported", "corrupt", "encrypted"), error
        wanted = {"empty"} if path.name in _MISLABELLED else _OUTCOMES[sample["expect"]]
        if outcome not in wanted or time.perf_counter() - start > 30:
            wrong.append((sample["path"], sample["expect"], outcome))
    assert wrong == []


def test_one_text_in_six_encodings_is_one_text(pool: ParserPool) -> None:
    kinds = ["utf8-bom", "utf16-bom", "crlf-nul", "cp1251", "koi8r", "cp866"]
    texts = [read_sample(pool, f"txt/pushkin-20k-{kind}.txt").text for kind in kinds]
    assert len(texts[0]) > 19_000 and texts[0] == texts[1] == texts[2] == texts[3]
    for text in texts[4:]:  # these have no dashes and quotes: the file holds question marks
        assert len(text) == len(texts[0])
        assert all(b in (a, "?") for a, b in zip(texts[0], text, strict=True))
        assert text.count("?") < 500


def test_what_the_samples_say_is_found_in_their_texts(pool: ParserPool) -> None:
    for name, quote in {
        "html/html-wrong-charset.html": "Однажды играли в карты у конногвардейца Нарумова.",
        "pdf/knowledgenet-emnlp-cameraready.pdf": "a benchmark dataset for the\ntask of",
        "pdf/kampo.pdf": "官報",
        "docx/mammoth-text-box.docx": "Datum plane",
        "docx/mammoth-footnotes.docx": "A tachyon walks into a bar.",
        "pptx/test.pptx": "ColA | ColB | ColC | ColD | ColE | ColF\n1 | 2 | 3",
        "xlsx/test.xlsx": "Alpha | Beta | Gamma | Delta\n89 | 82 | 100 | 12",
        "csv/test_mskanji.csv": "髙橋淳 | 35 | 名古屋",
        "txt/gutenberg-1661-sherlock-holmes-latin1.txt": "outré",
    }.items():
        text = read_sample(pool, name).text
        assert quote in text, name
    hidden = read_sample(pool, "html/readability-remove-script-tags.html").text
    assert "alert" not in hidden and "function" not in hidden


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.pdf", b"", "corrupt"),
        ("noise.txt", bytes(range(256)) * 8, "unsupported"),
        ("noise.pdf", bytes(range(256)) * 8, "corrupt"),
        ("broken.pdf", b"%PDF-1.7\nnothing more", "corrupt"),
        ("cut.docx", word_of("<d/>")[:-40], "corrupt"),
        ("hollow.docx", zip_of({"word/other.xml": "<d/>"}), "corrupt"),
        ("damaged.docx", word_of("<document><body>"), "corrupt"),
        ("photos.zip", zip_of({"a.jpg": b"x"}), "unsupported"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unsupported"),
        (
            "locked.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        ("bomb.docx", word_of(b"<d>" + bytes(40 << 20)), "too_large"),
    ],
)
def test_a_bad_file_is_named_with_its_reason_and_the_next_is_read(
    pool: ParserPool, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(ParseError) as caught:
        pool.parse(name, content)
    assert caught.value.reason == reason
    message = str(caught.value)
    assert message.startswith(f"{name} could not be read: ") and message.endswith(".")
    assert "Traceback" not in message and "\n" not in message
    assert pool.parse("next.txt", b"fine").text == "fine"


def test_an_encrypted_pdf_says_so_and_an_empty_password_opens(pool: ParserPool) -> None:
    for name in ("aes-256.pdf", "libreoffice-writer-password.pdf"):
        with pytest.raises(ParseError, match=f"{name} could not .* password") as caught:
            read_sample(pool, f"pdf/{name}")
        assert caught.value.reason == "encrypted"
    assert read_sample(pool, "pdf/kampo.pdf").text


# S5 ------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_parsers_run_limited_and_without_network(pool: ParserPool) -> None:
    pool.parse("a.html", b"<p>fine")
    process = pool._workers[0]._process
    assert process is not None
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    wanted = {
        "Max address space": pool.limits.memory_mb << 20,
        "Max file size": 0,
        "Max open files": 64,
        "Max processes": 0,
        "Max core file size": 0,
    }
    found = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()[1:]}
    assert {name: found[name] for name in wanted} == {
        name: [str(n)] * 2 for name, n in wanted.items()
    }
    cpu = found["Max cpu time"][0]
    assert cpu != "unlimited" and int(cpu) <= pool.limits.timeout_s + 10
    interfaces = Path(f"/proc/{process.pid}/net/dev").read_text().splitlines()[2:]
    if Path(f"/proc/{process.pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
        pytest.skip("network namespaces are not permitted here")
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]  # and that one is down


# S9 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../escaped.txt", "/etc/passwd", "..\\x.txt", "a\nb.txt", "a\0.txt"]
)
def test_a_file_name_never_becomes_a_path(
    pool: ParserPool, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with ParserPool(1) as here:
        assert here.parse(name, b"its own text").text == "its own text"
        with pytest.raises(ParseError) as caught:
            here.parse(name, bytes(range(256)))
    assert "\n" not in str(caught.value) and "\0" not in str(caught.value)
    assert [*tmp_path.parent.glob("*.txt"), *tmp_path.iterdir()] == []


def test_an_archive_cannot_name_what_is_outside_it(pool: ParserPool, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<document><body><p><r><t>SECRET</t></r></p></body></document>")
    outside = [f"{'../' * 12}{secret}".replace("//", "/"), str(secret), f"file://{secret}"]
    for target in outside:
        with pytest.raises(ParseError, match="part that it needs is missing"):
            pool.parse("a.docx", word_of("<d/>", target))
        assert pool.parse("a.epub", book_of("<p>inside", target)).text == ""
    members = zip_of({"../../escaped.txt": "x", "/abs.txt": "y", "word/document.xml": "<d/>"})
    with pytest.raises(ParseError):
        pool.parse("a.docx", members)


def test_external_entities_are_never_read(pool: ParserPool, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    for address in (secret.as_uri(), str(secret)):
        doctype = (
            f'<!DOCTYPE d [<!ENTITY x SYSTEM "{address}"><!ENTITY % y SYSTEM "{address}"> %y;]>'
        )
        files = {
            "a.xml": f"<?xml version='1.0'?>{doctype}<d>open &x; close</d>".encode(),
            "a.html": f"{doctype}<html><body>open &x; close</body></html>".encode(),
            "a.epub": book_of(
                f"<?xml version='1.0'?>{doctype}<html><body>open &x; close</body></html>"
            ),
            "a.docx": word_of(
                f"{doctype}<document><body><p><r><t>open &x; close</t></r></p></body></document>"
            ),
            "include.xml": (
                "<?xml version='1.0'?><d xmlns:i='http://www.w3.org/2001/XInclude'>open "
                f"<i:include href='{address}' parse='text'/> close</d>"
            ).encode(),
        }
        for name, content in files.items():
            text = pool.parse(name, content).text
            assert "SECRET" not in text and "open" in text, name


def test_entities_that_grow_without_end_stay_small(pool: ParserPool) -> None:
    start = time.perf_counter()
    body = "<p><r><t>open &e9;</t></r></p>"
    for name, content in {
        "a.xml": f"<?xml version='1.0'?>{_LAUGHS}<d>open &e9;</d>".encode(),
        "a.docx": word_of(f"{_LAUGHS}<document><body>{body}</body></document>"),
        "a.html": f"{_LAUGHS}<html><body>open &e9;</body></html>".encode(),
        "attribute.xml": f"<?xml version='1.0'?>{_LAUGHS}<d a='&e9;'>open</d>".encode(),
    }.items():
        try:
            assert len(pool.parse(name, content).text) < 1000, name
        except ParseError as error:
            assert error.reason == "corrupt", name
    assert time.perf_counter() - start < 10


def test_archives_that_unpack_to_too_much_are_refused_before_unpacking(pool: ParserPool) -> None:
    bomb = b"<d>" + b" " * (40 << 20)
    files = {
        "a.docx": word_of(bomb),
        "a.xlsx": zip_of({"xl/workbook.xml": "<w/>", "xl/sharedStrings.xml": bomb}),
        "a.epub": book_of(bomb.decode()),
        "many.docx": zip_of({f"word/{n}": "" for n in range(20_001)}),
    }
    for name, content in files.items():
        start = time.perf_counter()
        with pytest.raises(ParseError, match=f"{name} .* unpacks to") as caught:
            pool.parse(name, content)
        assert caught.value.reason == "too_large"
        assert time.perf_counter() - start < 10


def test_a_document_that_contains_itself_ends(pool: ParserPool) -> None:
    pdf = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[2 0 R 3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R"
        b"/Resources<</XObject<</X 4 0 R>>>>>>endobj\n"
        b"4 0 obj<</Type/XObject/Subtype/Form/Resources<</XObject<</X 4 0 R>>>>/Length 5>>stream\n"
        b"/X Do\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
    )
    start = time.perf_counter()
    try:
        assert pool.parse("itself.pdf", pdf).text == ""
    except ParseError as error:
        assert error.reason in ("corrupt", "crashed")
    archive = zip_of({"word/document.xml": "x"})
    for _ in range(5):
        archive = zip_of({"word/document.xml": archive})
    with pytest.raises(ParseError):
        pool.parse("nested.docx", archive)
    assert time.perf_counter() - start < 10

"""R4: a bad file never stops its batch, and the report names the file and the cause."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexes.errors import PARSE_REASONS
from kgrag import Settings
from kgrag.parse.limits import ParseLimits
from tests.fakes import DATA, ROOT, open_knowledge_base, write_files
from tests.kgrag.parse.samples import lines_of, pdf_of, word_of

_GOOD = "Leonhard Euler came to Saint Petersburg in 1727."
_WITH_FAKE_EXTRACTOR = """
import sys
from kgrag import knowledge_base
from tests.fakes import CapitalisedExtractor
knowledge_base.make_extractor = lambda *_: CapitalisedExtractor()
from kgrag.cli import main
sys.exit(main())
"""


def locked(archive: bytes) -> bytes:
    """Set the flag of encryption in every header of a ZIP file."""
    content = bytearray(archive)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


GOOD: dict[str, str | bytes] = {
    "first.txt": _GOOD,
    "last.md": "# Notes\n\nAnna Ivanova wrote to Euler.",
    "sub/письмо.txt": "Эйлер писал Гольдбаху.",
    "paper.pdf": pdf_of([lines_of((12, 700, "Daniel Bernoulli left in 1733."))]),
}
BAD: dict[str, tuple[str | bytes, str]] = {
    "corrupt.docx": (word_of("<w:document/>")[:100], "corrupt"),
    "encrypted.docx": (locked(word_of("<w:document/>")), "encrypted"),
    "random.bin": (bytes(range(256)) * 8, "unsupported"),
    "truncated.pdf": (b"%PDF-1.4\nnothing more", "corrupt"),
    "large.txt": ("word " * 300_000, "too_large"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Good files among every kind of bad ones."""
    documents = tmp_path / "documents"
    write_files(documents, GOOD | {name: content for name, (content, _) in BAD.items()})
    write_files(documents, {"empty.txt": "", "blank.md": " \n\n "})
    (documents / "gone.txt").symlink_to(documents / "nowhere.txt")
    os.mkfifo(documents / "pipe.txt")
    (tmp_path / "settings.toml").write_text("[parse]\nmax_file_mb = 1\n")
    return documents


def test_good_files_among_bad_ones_are_all_in(folder: Path, tmp_path: Path) -> None:
    with open_knowledge_base(
        tmp_path / "library", chroma=False, settings=Settings(parse=ParseLimits(max_file_mb=1))
    ) as kb:
        report = kb.add([folder, tmp_path / "not there.txt", tmp_path / "~$draft.docx"])
        outcomes = {
            file.path.removeprefix(f"{folder}/").removeprefix(f"{tmp_path}/"): file
            for file in report.files
        }
        assert {name for name, file in outcomes.items() if file.outcome == "indexed"} == set(GOOD)
        assert {d.name for d in kb.documents()} == {*GOOD, "empty.txt", "blank.md"}
    reasons = {name: reason for name, (_, reason) in BAD.items()} | dict.fromkeys(
        ["gone.txt", "pipe.txt", "not there.txt", "~$draft.docx"], "unreadable"
    )
    for name, reason in reasons.items():
        assert outcomes[name].outcome == "failed", name
        told = outcomes[name].reason or ""
        assert told.startswith(f"{reason}: {name} "), told
        assert "\n" not in told
    for name in ("empty.txt", "blank.md"):
        assert outcomes[name].outcome == "empty"
        assert f"{name}: the file holds no text" in (outcomes[name].reason or "")


@pytest.mark.parametrize("json_flag", [True, False])
def test_the_command_line_ends_with_3_and_tells_no_traceback(
    folder: Path, tmp_path: Path, json_flag: bool
) -> None:
    command = [sys.executable, "-c", _WITH_FAKE_EXTRACTOR, "add", str(folder), "--library"]
    command += [str(tmp_path / "library"), "--settings", str(tmp_path / "settings.toml")]
    done = subprocess.run(
        command + ["--json"] * json_flag, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    if json_flag:
        report: dict[str, Any] = json.loads(done.stdout)
        assert set(report) == {"files", "seconds"}
        assert sum(file["outcome"] == "failed" for file in report["files"]) == len(BAD) + 2
        assert sum(file["outcome"] == "indexed" for file in report["files"]) == len(GOOD)
    else:
        for name in BAD:
            assert name in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes only on Linux")
def test_a_name_that_is_no_utf_8_does_not_stop_the_batch(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    write_files(documents, {"good.txt": _GOOD})
    Path(os.fsdecode(os.fsencode(documents) + b"/caf\xe9.txt")).write_text("Anna came.")
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        report = kb.add(documents)
        assert [file.outcome for file in report.files] == ["indexed", "indexed"]
        assert {document.name for document in kb.documents()} == {"good.txt", "caf\\xe9.txt"}
        json.dumps([file.path for file in report.files], ensure_ascii=False).encode()
        assert [file.outcome for file in kb.add(documents).files] == ["unchanged", "unchanged"]


def test_a_folder_that_cannot_be_listed_is_one_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tmp_path / "documents"
    write_files(documents, {"good.txt": _GOOD, "shut/in.txt": "Anna."})
    list_folder = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path.name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return list_folder(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        outcomes = {Path(file.path).name: file.outcome for file in kb.add(documents).files}
    assert outcomes == {"good.txt": "indexed", "shut": "failed"}


_MANIFEST = DATA / "documents" / "manifest.json"
_MISLABELLED = {"pydocx-tbl-having-tables.docx"}  # says text; every cell of its tables is empty
_IN, _OUT = {"indexed", "unchanged"}, {"failed"}
_OUTCOMES = {
    "text": _IN,
    "little-text": _IN,
    "no-text": {"empty"},
    "error": _OUT,
    "error-or-password": _OUT,
    "any-no-crash": _IN | _OUT | {"empty"},
    "text-or-unsupported": _IN | _OUT,
    "text-or-clear-error": _IN | _OUT,
}


@pytest.mark.skipif(not _MANIFEST.exists(), reason="needs the sample documents of ../shared/data")
def test_every_sample_document_ends_as_its_manifest_allows(tmp_path: Path) -> None:
    samples = {sample["path"]: sample for sample in json.loads(_MANIFEST.read_text())}
    with open_knowledge_base(tmp_path / "library", chroma=False) as kb:
        report = kb.add(DATA / path for path in samples)
    assert len(report.files) == len(samples)
    wrong = []
    for file in report.files:
        path = Path(file.path).relative_to(DATA).as_posix()
        allowed = _OUTCOMES[samples[path]["expect"]]
        if file.outcome not in ({"empty"} if Path(path).name in _MISLABELLED else allowed):
            wrong.append((path, file.outcome, file.reason))
        if file.outcome == "failed":
            assert (file.reason or "").partition(":")[0] in PARSE_REASONS
            assert Path(path).name in (file.reason or "")
    assert wrong == []

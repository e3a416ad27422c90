import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kgrag.train.__main__ import _require, main
from kgrag.train.data import Source

ROOT = Path(__file__).parents[3]


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["kgrag.train", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1


@pytest.mark.parametrize("command", ["fit", "evaluate"])
def test_missing_corpora_are_named_before_anything_is_read(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = ["--out", tmp_path / "out"] if command == "fit" else []
    _run(monkeypatch, command, "--language", "ru", "--data", tmp_path, *out)
    message = capsys.readouterr().err
    split = "train" if command == "fit" else "test"
    assert f"{tmp_path} lacks" in message
    assert f"ie/nerel/{split}.jsonl.gz" in message
    assert "SOURCES.md" in message and "Traceback" not in message


@pytest.mark.parametrize(
    ("command", "scheme", "known"),
    [
        ("fit", "conl04", "conll04, crossner, knowledgenet, redocred"),
        ("fit", "gum", "conll04, crossner, knowledgenet, redocred"),  # It has no dev.
        ("evaluate", "btc", "conll-style, conll04, crossner, gum, "),  # It has no test.
    ],
)
def test_a_scheme_that_fits_no_corpus_is_named_with_those_that_do(
    command: str,
    scheme: str,
    known: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = ["--out", tmp_path / "out"] if command == "fit" else []
    arguments = "--language", "en", "--data", tmp_path, "--scheme", scheme
    _run(monkeypatch, command, *arguments, *out)
    message = capsys.readouterr().err
    assert f"scheme '{scheme}'" in message
    assert f"expected one of {known}" in message


def test_only_the_corpora_of_the_wanted_scheme_need_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(monkeypatch, "evaluate", "--language", "en", "--data", tmp_path, "--scheme", "wnut17")
    assert f"{tmp_path} lacks ie/wnut17/test.jsonl.gz." in capsys.readouterr().err


def test_a_fine_tune_needs_its_own_corpus_and_all_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = "--language", "en", "--data", tmp_path, "--out", tmp_path / "out"
    _run(monkeypatch, "fit", *arguments, "--scheme", "conll04")
    message = capsys.readouterr().err
    for path in ("ie/conll04/train", "ie/conll04/dev", "ie/gum/test"):
        assert f"{path}.jsonl.gz" in message
    assert "ie/gum/train" not in message and "ie/redocred/dev" not in message


def test_a_folder_that_no_run_filled_is_refused_in_plain_words(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _run(monkeypatch, "export", "--run", tmp_path, "--language", "en")
    assert "fit.json is missing" in capsys.readouterr().err


def test_a_corpus_within_an_archive_is_there_when_its_archive_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w"):
        pass
    _require(tmp_path, [Source("x.zip/inside", "nerel", "ru")])
    with pytest.raises(FileNotFoundError, match=r"lacks y\.zip\."):
        _require(tmp_path, [Source("y.zip/inside", "nerel", "ru")])


def test_help_needs_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; sys.argv = ['train', 'fit', '--help'];"
        "from kgrag.train.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "folder that holds ie/" in " ".join(done.stdout.split())

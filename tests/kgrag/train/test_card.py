import json
from pathlib import Path
from typing import Any

import pytest

from kgrag.extract.bundled import MODELS_FOLDER
from kgrag.train import card
from kgrag.train.card import write_card


def _run(folder: Path, **rows: float) -> Path:
    """Make the folder of a finished and evaluated run, with the F1 of each task."""
    folder.mkdir()
    bins = [{"low": 0.5, "high": 0.6, "score": 0.55, "right": 0.5, "count": 10}]
    test: dict[str, Any] = {"mention_reliability": bins, "relation_reliability": bins}
    test["rows"] = [
        {"corpus": "CoNLL04 test", "task": task.replace("_", " ").replace(" its", ", its"),
         "precision": f1, "recall": f1, "f1": f1, "gold": 1079}
        for task, f1 in rows.items()
    ]  # fmt: skip
    fit = {"seed": 0, "dev": {"mentions": 80.75}, "cpu_minutes": 61.0}
    (folder / "test.json").write_text(json.dumps(test), "utf-8")
    (folder / "fit.json").write_text(json.dumps(fit), "utf-8")
    return folder


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The English model that ships, where its card may be written."""
    folder = tmp_path / "models" / "en"
    folder.mkdir(parents=True)
    for name in ("config.json", "encode.onnx", "relate.onnx", "fit.json"):
        (folder / name).symlink_to(MODELS_FOLDER / "en" / name)
    monkeypatch.setattr(card, "MODELS_FOLDER", folder.parent)
    return folder


def test_a_card_says_how_the_fine_tunes_of_single_corpora_did(
    shipped: Path, tmp_path: Path
) -> None:
    run = _run(tmp_path / "run", mentions=79.1, mentions_its_own_convention=79.7)
    tune = _run(tmp_path / "tune", mentions=66.6, mentions_its_own_convention=80.8)
    text = write_card("en", [run], [tune], "0123456", "").read_text("utf-8")
    _, _, table = text.partition("fine-tuned on one corpus and measured on that alone")
    rows = [line for line in table.partition("## How far")[0].splitlines() if "CoNLL04" in line]
    assert rows == ["| CoNLL04 test | mentions, its own convention | 80.8 | 1079 |"]
    assert "66.6" not in text


def test_a_card_without_fine_tunes_has_no_table_of_them(shipped: Path, tmp_path: Path) -> None:
    text = write_card("en", [_run(tmp_path / "run", mentions=79.1)], [], "0123456", "").read_text()
    assert "fine-tuned on one corpus" not in text and "| mentions | 79.1 |" in text


@pytest.mark.parametrize(
    ("language", "schedule"), [("en", "--epochs 12 --minutes 120"), ("ru", "--epochs 16")]
)
def test_the_cards_that_ship_give_the_command_that_trained(language: str, schedule: str) -> None:
    text = (MODELS_FOLDER / language / "card.md").read_text("utf-8")
    command = f"python -m kgrag.train fit --language {language} --data DIR --out RUN {schedule}"
    assert command in text


def test_a_card_names_the_teachers_and_the_processor_of_its_run(
    shipped: Path, tmp_path: Path
) -> None:
    fit = json.loads((shipped / "fit.json").read_text("utf-8"))
    (shipped / "fit.json").unlink()
    taught = {**fit, "teachers": ["one", "two"], "device": "cuda"}
    (shipped / "fit.json").write_text(json.dumps(taught), "utf-8")
    text = write_card("en", [_run(tmp_path / "run", mentions=79.1)], [], "0", "").read_text("utf-8")
    assert " --teachers one two`" in text
    assert "minutes on a GPU" in text and "CPU" not in text.partition("## Results")[0]

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from kgrag.train import corpora, run  # noqa: E402
from kgrag.train.batches import encoder_input  # noqa: E402
from kgrag.train.corpora import DEV, TRAIN  # noqa: E402
from kgrag.train.fit import fit  # noqa: E402
from kgrag.train.run import FitSettings, Run  # noqa: E402
from tests.kgrag.train.births import write_births  # noqa: E402


def test_a_student_listens_to_finished_runs(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"ru": [replace(source, keep=slice(0, 3)) for source in TRAIN["ru"]]}
    monkeypatch.setattr(corpora, "TRAIN", few)
    monkeypatch.setattr(run, "DEV", {"ru": [replace(DEV["ru"][0], keep=slice(0, 1))]})
    monkeypatch.setattr(run, "MIN_TYPE_EXAMPLES", 1)
    monkeypatch.setattr(run, "MIN_RELATION_EXAMPLES", 1)
    teacher = FitSettings("ru", data, tmp_path / "teacher", epochs=1)
    fit(teacher)
    alone = Run(FitSettings("ru", data, tmp_path))
    taught = Run(FitSettings("ru", data, tmp_path, teachers=(teacher.out,)))
    assert not any(weights.requires_grad for weights in taught.teachers[0].model.parameters())
    assert alone.train_epoch() != taught.train_epoch()


def test_a_teacher_reads_a_batch_as_its_model_does_in_each_convention(tmp_path: Path) -> None:
    births = [("Иван Петров", "Омск"), ("Анна Орлова", "Псков"), ("Пётр Лебедев", "Тверь")]
    write_births(tmp_path, train=births * 20, dev=births[:1], test=[("Олег Зуев", "Керчь")])
    out = tmp_path / "teacher"
    fit(FitSettings("ru", tmp_path, out, epochs=1))
    taught = Run(FitSettings("ru", tmp_path, tmp_path / "student", teachers=(out,)))
    (teacher,) = taught.teachers
    batch = [taught.items[7], taught.items[2]]
    inputs = encoder_input(batch, taught.table, np.random.default_rng(0))
    for conventions in ([0, 0], [1, 1], [1, 0]):
        asked = replace(inputs, conventions=torch.tensor(conventions))
        expected = teacher.model.encode(*asked.arguments)
        assert torch.allclose(teacher.read(batch, asked), expected, atol=1e-2)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"en": [replace(source, keep=slice(0, 12)) for source in TRAIN["en"][2:3]]}
    monkeypatch.setattr(corpora, "TRAIN", few)
    monkeypatch.setattr(run, "DEV", {"en": [replace(DEV["en"][2], keep=slice(0, 2))]})
    monkeypatch.setattr(run, "MIN_TYPE_EXAMPLES", 1)
    monkeypatch.setattr(run, "MIN_RELATION_EXAMPLES", 1)
    settings = FitSettings("en", data, tmp_path, epochs=2, batch_tokens=300)
    whole, first, second = (Run(settings) for _ in range(3))
    whole.train_epoch()
    whole.train_epoch()
    first.train_epoch()
    first.save(tmp_path / "last.pt")
    second.load(tmp_path / "last.pt")
    second.train_epoch()
    for one, two in zip(whole.average.parameters(), second.average.parameters(), strict=True):
        assert torch.equal(one, two)


def test_a_fine_tune_begins_with_the_weights_and_the_labels_of_its_start(tmp_path: Path) -> None:
    many, few, start = tmp_path / "many", tmp_path / "few", tmp_path / "start"
    others = {"dev": [("Анна Орлова", "Псков")], "test": [("Пётр Лебедев", "Тверь")]}
    write_births(many, train=[("Иван Петров", "Омск")] * 40, **others)
    write_births(few, train=[("Иван Петров", "Омск")], **others)
    fit(FitSettings("ru", many, start, epochs=1))
    tune = Run(FitSettings("ru", few, tmp_path / "tune", start=start, scheme="nerel"))
    labels = json.loads((start / "fit.json").read_text("utf-8"))["labels"]
    assert labels["types"] == ["city", "person"] and labels["relations"] == ["P19"]
    assert json.loads(json.dumps(asdict(tune.labels))) == labels
    weights = torch.load(start / "best.pt", weights_only=True)
    for model in (tune.model, tune.average):
        for name, value in model.state_dict().items():
            assert torch.equal(value, weights[name]), name

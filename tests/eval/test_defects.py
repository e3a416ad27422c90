"""Defects planted on purpose: each moves the measure that should move, and compare names it.

The runs are real: the bundled models on examples/, once as they are and once with the defect.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from eval import answering
from eval.ablations import nearest_sentences
from eval.asked import Asked
from eval.comparing import compare
from eval.items import KGRAG
from eval.options import Options
from eval.run_folder import RunFolder
from eval.runner import begin
from eval.sets.questions import QuestionSet
from eval.tasks import answers, extraction, retrieval
from eval.tasks.answers import System
from indexes.records import Extraction, MentionRelation
from kgrag.answer import SHIPPED
from kgrag.candidates import Candidate
from kgrag.events import Answer, Answered, Event
from kgrag.extract.bundled import BundledExtractor
from kgrag.retrieve import ordered

pytestmark = pytest.mark.timeout(180)

Run = Callable[[str], RunFolder]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("defects")


@pytest.fixture
def run(work: Path, tmp_path: Path) -> Run:
    def measured(task: str) -> RunFolder:
        options = Options(sets=("examples",), work=work)
        return begin(task, options, tmp_path / f"run-{len(list(tmp_path.iterdir()))}", _quiet)

    return measured


@pytest.fixture(scope="module", autouse=True)
def kgrag_alone() -> Iterator[None]:
    """Leave the simpler systems out: no defect is planted in them."""

    def quoting(asked: Asked, questions: QuestionSet, _model: object) -> dict[str, System]:
        return {
            KGRAG: lambda question: answering.as_it_ships(
                asked.library(questions), question.text, SHIPPED
            )
        }

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers, "_quoting", quoting)
        yield


@pytest.fixture(scope="module")
def sound(work: Path) -> Run:
    """Return the runs without any defect, made before one is planted."""
    options = Options(sets=("examples",), work=work)
    made = {
        task: begin(task, options, work / task, _quiet)
        for task in ("extraction", "retrieval", "answers")
    }
    return made.__getitem__


def _quiet(told: object) -> None:
    del told


def verdicts(one: RunFolder, other: RunFolder, group: str = "examples") -> dict[str, str]:
    """Return what became of each measure of kgrag itself."""
    return {
        row["measure"]: row["verdict"]
        for row in compare(one, other).rows
        if row["group"] == group and row["system"] == "kgrag" and "p" not in row["measure"][:1]
    }


def values(run: RunFolder) -> dict[str, float]:
    return {
        row["measure"]: row["value"]
        for row in run.summary()["rows"]
        if row["group"] == "examples" and row["system"] == "kgrag"
    }


def defective(
    monkeypatch: pytest.MonkeyPatch, defect: Callable[[str, Extraction], Extraction]
) -> None:
    class Defective(BundledExtractor):
        def extract(self, texts: Sequence[str]) -> list[Extraction]:
            return [defect(*pair) for pair in zip(texts, super().extract(texts), strict=True)]

    whole = extraction._tools
    monkeypatch.setattr(extraction, "_tools", lambda asked: (Defective(), whole(asked)[1]))


def test_swapped_heads_and_tails_cost_relations_and_nothing_else(
    run: Run, sound: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap(text: str, found: Extraction) -> Extraction:
        del text
        relations = tuple(
            MentionRelation(
                item.object, item.relation, item.subject, item.start, item.end, item.score
            )
            for item in found.relations
        )
        return Extraction(found.mentions, relations)

    defective(monkeypatch, swap)
    bad = run("extraction")
    found = verdicts(sound("extraction"), bad)
    assert found["relations_f1"] == "worse"
    assert found["mentions_f1"] == found["links_f1"] == "no difference shown"
    assert values(bad)["relations_f1"] < values(sound("extraction"))["relations_f1"] / 2


def test_offsets_off_by_one_cost_strict_borders_and_spare_relaxed_ones(
    run: Run, sound: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shift(text: str, found: Extraction) -> Extraction:
        moved = tuple(
            replace(
                item,
                start=item.start + 1,
                end=item.end + 1,
                text=text[item.start + 1 : item.end + 1],
            )
            if item.end < len(text)
            else item
            for item in found.mentions
        )
        return Extraction(moved, found.relations)

    defective(monkeypatch, shift)
    bad = run("extraction")
    assert verdicts(sound("extraction"), bad)["mentions_f1"] == "worse"
    assert values(bad)["mentions_f1"] < 0.02 and values(bad)["relations_f1"] == 0
    before = values(sound("extraction"))["mentions_relaxed_f1"]
    assert values(bad)["mentions_relaxed_f1"] > 0.8 * before


def test_a_shuffled_ranking_costs_recall_and_rank(
    run: Run, sound: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = Random(5)

    def shuffled(*given: Any) -> list[Candidate]:  # noqa: ANN401
        best = ordered(*given)
        draw.shuffle(best)
        return best

    monkeypatch.setattr(retrieval, "ordered", shuffled)
    found = verdicts(sound("retrieval"), run("retrieval"))
    assert {found[name] for name in ("recall_1", "recall_5", "mrr", "ndcg_10")} == {"worse"}


def changing(monkeypatch: pytest.MonkeyPatch, change: Callable[[Answer], Answer]) -> None:
    whole = answering.as_it_ships

    def changed(*given: Any) -> Iterator[Event]:  # noqa: ANN401
        for event in whole(*given):
            yield Answered(change(event.answer)) if isinstance(event, Answered) else event

    monkeypatch.setattr("eval.answering.as_it_ships", changed)


def test_a_dropped_citation_costs_evidence_and_citation_recall(
    run: Run, sound: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(monkeypatch, lambda answer: replace(answer, citations=answer.citations[1:]))
    found = verdicts(sound("answers"), run("answers"))
    assert found["evidence_any"] == found["citation_recall"] == "worse"
    assert found["answered"] == found["abstention_recall"] == "no difference shown"


def test_declining_always_answers_nothing_and_declines_all(
    run: Run, sound: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(
        monkeypatch,
        lambda answer: replace(
            answer, abstained=True, why="No.", sentences=(), citations=(), nearest=()
        ),
    )
    bad = run("answers")
    assert values(bad)["answered"] == 0 and values(bad)["abstention_recall"] == 1
    found = verdicts(sound("answers"), bad)
    assert found["answered"] == found["evidence_any"] == "worse"
    assert found["abstention_recall"] == "better"


def test_declining_never_answers_what_has_no_answer(
    run: Run, sound: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(kb: Any, text: str, *rest: Any) -> Iterator[Event]:  # noqa: ANN401
        del rest
        yield from nearest_sentences(kb, text)

    monkeypatch.setattr("eval.answering.as_it_ships", never)
    bad = run("answers")
    assert values(bad)["abstention_recall"] == 0 and values(bad)["answered"] == 1
    assert verdicts(sound("answers"), bad)["abstention_recall"] == "worse"

"""The retrieval task's parts: recall against its definition, the plot, the sets of questions."""

import gzip
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eval.held_out import rankers
from eval.readme.growth import draw
from eval.synthetic import FACTS, Synthetic
from kgrag.train import questions
from kgrag.train.questions import FOLDS, QuestionSet, documents, fold_of, read_cases
from tests.fakes import HashEmbedder
from tests.indexes.samples import plain_library


def test_every_line_of_the_plot_is_drawn_with_its_name() -> None:
    lines = {"search & find": [(10, 1.0), (1000, 30.0)], "add": [(10, 100.0), (1000, 90.0)]}
    root = ElementTree.fromstring(draw(lines, "size", "ms"))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"search & find", "add", "size", "ms", "10", "1k"} <= set(texts)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2


def test_drawn_libraries_are_whole_and_the_same_again(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    library.add(list(Synthetic(3).additions(30, HashEmbedder(), 0)))
    assert library.lexical.passage_count() == 30
    facts = library.graph.triplets()
    assert sum(len(fact.evidence) for fact in facts) == 30 * FACTS
    again = [item.content for item in Synthetic(3).additions(30, HashEmbedder(), 0)]
    assert {item.document.id for item in again if not isinstance(item, str)} == (
        library.documents.ids()
    )


def write(path: Path, records: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    corpus: list[dict[str, object]] = [
        {"id": "p0", "title": "Levity", "text": "Levity is a film directed by Ed Solomon."},
        {"id": "p1", "title": "Ed Solomon", "text": "Ed Solomon (born 1960) is a writer."},
        {"id": "p2", "title": "Chess", "text": "Chess is a game."},
    ]
    asked: dict[str, object] = {
        "id": "q1",
        "question": "When was the director of Levity born?",
        "supporting": [{"doc": "p0"}, {"doc": "p1"}],
    }
    write(tmp_path / "qa/small/corpus.jsonl.gz", corpus)
    write(tmp_path / "qa/small/questions.jsonl.gz", [asked])
    write(
        tmp_path / "qa/more/corpus.jsonl.gz", [*corpus, {"id": "m", "title": "New", "text": "N."}]
    )
    return tmp_path


SMALL = QuestionSet("small", "qa/small", "qa/small", titled=True, more="qa/more")


def test_distractors_are_those_that_the_set_does_not_hold(data: Path) -> None:
    assert [record["id"] for record in documents(data, SMALL)] == ["p0", "p1", "p2", "m"]


def test_a_question_is_in_one_fold_whatever_it_is_asked_of(data: Path) -> None:
    (case,) = read_cases(data, SMALL)
    assert case.documents == {"p0.md", "p1.md"}
    assert case.fold == fold_of("q1") and 0 <= case.fold < FOLDS


def test_each_fold_has_weights_of_its_own() -> None:
    weights = [ranker.first_weights.tolist() for ranker in rankers()]
    assert len({tuple(item) for item in weights}) == FOLDS


def test_sets_with_the_same_documents_share_a_library() -> None:
    by_library: dict[str, set[tuple[str, str, bool]]] = {}
    for asked in questions.SETS:
        made = by_library.setdefault(asked.library, set())
        made.add((asked.corpus, asked.more, asked.titled))
    assert all(len(made) == 1 for made in by_library.values())

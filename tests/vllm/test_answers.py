"""Whatever a model with random weights writes, nothing but what was retrieved is cited.

The same is measured with 200 questions by ``kgrag-eval run answers --endpoint URL``.
"""

from pathlib import Path

import pytest

from eval.random_model import example_questions, probe
from kgrag import KnowledgeBase
from tests.fakes import EXAMPLES

pytestmark = [pytest.mark.vllm, pytest.mark.slow, pytest.mark.timeout(1800)]

NAMES = ("Leonhard Euler", "Denis Diderot", "Christian Goldbach", "Königsberg", "Эйлер", "Вольтер")
QUESTIONS = 24


def test_constrained_answers_cite_only_what_was_retrieved_and_unconstrained_ones_do_not(
    vllm_endpoint: str, tmp_path: Path
) -> None:
    with KnowledgeBase.open(tmp_path / "library") as kb:
        kb.add(EXAMPLES)
    asked = example_questions(NAMES, 3 * QUESTIONS)
    found = probe([(tmp_path / "library", asked)], vllm_endpoint, each=QUESTIONS)
    bound, free = found["constrained"], found["unconstrained"]
    assert bound["answers"] == free["answers"] == QUESTIONS
    for held in ("streamed_conform", "unstreamed_conform", "numbers_retrieved", "quotations_equal"):
        assert bound[held] == QUESTIONS
    # Without the grammar the same model fails; what is shown of it is held to the documents still.
    assert free["streamed_conform"] < QUESTIONS / 2
    assert free["numbers_retrieved"] == free["quotations_equal"] == QUESTIONS

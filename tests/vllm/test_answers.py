"""Whatever a model with random weights writes, nothing but what was retrieved is cited.

The same is measured with 200 questions by ``kgrag-eval run grounding --endpoint URL``.
"""

from pathlib import Path

import pytest

from eval.random_weights import Constraint, ask_at_once, example_questions, patient
from kgrag import KnowledgeBase
from tests.fakes import EXAMPLES

pytestmark = [pytest.mark.vllm, pytest.mark.slow, pytest.mark.timeout(1800)]

NAMES = ("Leonhard Euler", "Denis Diderot", "Christian Goldbach", "Königsberg", "Эйлер", "Вольтер")
QUESTIONS = 24


def test_constrained_answers_cite_only_what_was_retrieved_and_unconstrained_ones_do_not(
    vllm_endpoint: str, tmp_path: Path
) -> None:
    asked = example_questions(NAMES, QUESTIONS)
    found = {}
    ways: tuple[Constraint, ...] = ("on", "off")
    with KnowledgeBase.open(tmp_path / "library") as kb:
        kb.add(EXAMPLES)
        kb.search(asked[0])
        for constraint in ways:
            answers = ask_at_once(kb, asked, patient(vllm_endpoint, constraint))
            written = [counts for counts in answers if counts]
            assert len(written) >= QUESTIONS / 2
            found[constraint] = {
                name: sum(counts[name][0] for counts in written) / len(written)
                for name in written[0]
            }
    assert set(found["on"].values()) == {1.0}
    # Without the grammar the same model fails; what is shown of it is held to the documents still.
    assert found["off"]["written_conforms"] < 0.5
    assert found["off"]["real_citations"] == 1.0

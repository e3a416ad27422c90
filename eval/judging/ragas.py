"""RAGAS's measures, judged by a language model that kgrag reaches as it reaches any other.

RAGAS brings the definitions, the prompts and the reading of what the judge says (Es et al. 2024,
"RAGAS: Automated Evaluation of Retrieval Augmented Generation"); requests go through kgrag's own
``LanguageModel``, with its deadlines. So no client of LangChain's is made, and RAGAS's telemetry
and LangSmith's tracing are off. The version is pinned: a newer RAGAS has other prompts, and with
them another number. 0.4 needs instructor, which refuses the jiter and rich of constraints.txt.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from indexes.errors import ConfigError
from kgrag.language_model import LanguageModel, Request

if TYPE_CHECKING:
    from kgrag.embed import Embedder

VERSION = "0.3.1"

MAX_ANSWER_TOKENS = 2048
"""For one of the judge's answers: a few dozen statements, each with a reason."""


@dataclass(frozen=True, slots=True)
class JudgedMeasure:
    """A share 0..1 that a language model judges; higher is better.

    Parameters
    ----------
    title, formula:
        As tables show them.
    needs:
        The fields of RAGAS's sample that a case must have.
    ragas, options:
        RAGAS's class, and what it is made with.
    """

    title: str
    formula: str
    needs: tuple[str, ...]
    ragas: str
    options: Mapping[str, Any]


JUDGED: Mapping[str, JudgedMeasure] = {
    "judged_faithfulness": JudgedMeasure(
        "faithfulness, judged by a model",
        "statements of the answer that the cited quotes bear out / statements",
        ("user_input", "response", "retrieved_contexts"), "Faithfulness", {},
    ),
    "judged_correctness": JudgedMeasure(
        "answer correctness, judged by a model",
        "F1 of the statements of the answer and of the expected answer; RAGAS's share of 25 % for "
        "the likeness of vectors is left out",
        ("user_input", "response", "reference"), "AnswerCorrectness", {"weights": [1.0, 0.0]},
    ),
    "judged_relevancy": JudgedMeasure(
        "answer relevancy, judged by a model",
        "cosine of the question and of one that the judge makes of the answer, by kgrag's bundled "
        "embedder; 0 for an answer that commits to nothing",
        # One question, not RAGAS's three: at temperature 0 they would be the same.
        ("user_input", "response"), "ResponseRelevancy", {"strictness": 1},
    ),
    "judged_citation_precision": JudgedMeasure(
        "useful citations, judged by a model",
        "average precision of the cited quotes that helped to arrive at the expected answer",
        ("user_input", "retrieved_contexts", "reference"), "LLMContextPrecisionWithReference", {},
    ),
    "judged_citation_recall": JudgedMeasure(
        "expected answer cited, judged by a model",
        "sentences of the expected answer that the cited quotes bear out / sentences",
        ("user_input", "retrieved_contexts", "reference"), "LLMContextRecall", {},
    ),
}  # fmt: skip


class Judge:
    """Scores cases by the measures of ``JUDGED``.

    Parameters
    ----------
    model:
        The judging model.
    embedder:
        Of the questions that answer relevancy compares.
    stopped:
        Says when to give up what is being asked.

    Raises
    ------
    ConfigError
        RAGAS is not installed, or in another version.
    """

    def __init__(
        self, model: LanguageModel, embedder: "Embedder", *, stopped: Callable[[], bool]
    ) -> None:
        _check()
        os.environ |= {"RAGAS_DO_NOT_TRACK": "true", "LANGSMITH_TRACING": "false"}
        os.environ |= {"LANGCHAIN_TRACING_V2": "false", "LANGSMITH_TRACING_V2": "false"}
        from ragas import metrics

        asked = _Asked(model, stopped)
        self._metrics = {name: getattr(metrics, m.ragas)(**m.options) for name, m in JUDGED.items()}
        for metric in self._metrics.values():
            metric.llm = asked
        self._metrics["judged_relevancy"].embeddings = _Embeddings(embedder)

    async def score(self, measure: str, fields: Mapping[str, Any]) -> float:
        """Return what the judge gives, a share (relevancy: a cosine); NaN for nothing to judge.

        Parameters
        ----------
        measure:
            A name of ``JUDGED``.
        fields:
            Of RAGAS's sample, at least those that the measure needs.

        Raises
        ------
        ModelError
            The judge failed.
        Exception
            RAGAS's own, where it could not read what the judge said.
        """
        from ragas import SingleTurnSample

        # Not its public namesake, which notes each score for RAGAS's telemetry and writes an
        # identity into the user's home, even where the telemetry is off.
        needed = {name: fields[name] for name in JUDGED[measure].needs}
        metric, sample = self._metrics[measure], SingleTurnSample(**needed)
        # A question without words has no direction, and its cosine is NaN.
        with np.errstate(invalid="ignore"):
            return float(await metric._single_turn_ascore(sample, []))


def _check() -> None:
    try:
        found = version("ragas")
    except PackageNotFoundError:
        found = ""
    if found != VERSION:
        state = f"is installed as {found}" if found else "is not installed"
        raise ConfigError(
            f"judged measures need RAGAS {VERSION}, which {state}: pip install 'kgrag[judged]'"
        )


class _Asked:
    """What RAGAS's prompts ask of a language model: one text for a prompt."""

    def __init__(self, model: LanguageModel, stopped: Callable[[], bool]) -> None:
        self._model, self._stopped = model, stopped

    async def generate(self, prompt: Any, n: int = 1, **_: object) -> SimpleNamespace:  # noqa: ANN401  RAGAS's
        """Return the answer as LangChain's ``LLMResult`` holds it; the temperature is 0."""
        assert n == 1
        request = Request([("user", prompt.to_string())], MAX_ANSWER_TOKENS)
        text = await asyncio.to_thread(self._model.complete, request, stopped=self._stopped)
        return SimpleNamespace(generations=[[SimpleNamespace(text=text)]])


class _Embeddings:
    """An embedder of kgrag's as RAGAS wants it."""

    def __init__(self, embedder: "Embedder") -> None:
        self._embedder = embedder

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vectors of questions."""
        return [[float(part) for part in row] for row in self._embedder.embed(texts)]

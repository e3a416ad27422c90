"""Answers as a language model judges them: another kind of number, kept apart from the measured.

    judged.jsonl   one score a line, as it was given; nothing of any document stands in it
    judged.json    for each judge its rows, with n, failures and bootstrap interval

Nothing here touches summary.json. A judge is a model under the prompts of one version of RAGAS;
scores of one judge say nothing beside those of another. What was judged is not judged again, so a
judge that fails, or that is stopped, is gone on with by the same command.
"""

import asyncio
import logging
import math
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from eval.items import Item
from eval.judging.ragas import JUDGED, MAX_ANSWER_TOKENS, VERSION, Judge
from eval.judging.scores import (
    Record,
    Score,
    append_scores,
    drop_cut_line,
    read_scores,
    write_rows,
)
from eval.run_folder import RunFolder
from indexes.errors import ConfigError, ModelError
from kgrag.language_model import LanguageModel
from kgrag.model_errors import RefusedError
from kgrag.model_settings import ModelSettings, check_endpoint
from kgrag.served import ASK_S

logger = logging.getLogger(__name__)

PROMPTS = f"ragas {VERSION}"

AT_ONCE = 8
"""Scores asked for at the same time: servers such as vLLM write several answers at once."""

Wanted = tuple[Item, str]
"""An item, and a measure of it."""


def judge_run(
    folder: Path,
    *,
    endpoint: str,
    model: str | None = None,
    key_env: str = "",
    told: Callable[[int, int], None] = lambda done, total: None,
) -> list[Record]:
    """Let a language model judge the answers of a run; return this judge's rows.

    Parameters
    ----------
    folder:
        That of an answers run.
    endpoint, model, key_env:
        The judge: see ``ModelSettings``. Questions, answers and quotes are sent there.
    told:
        Called with how many scores there are, and how many there will be.

    Raises
    ------
    RunNotFoundError, ConfigError
        It is no run of answers, RAGAS is not installed, or the endpoint is none.
    ModelError
        The judge cannot be reached, or failed again and again; what it judged is kept.
    """
    from kgrag.embed import StaticEmbedder

    run = RunFolder.open(folder)
    if run.header["task"] != "answers":
        raise ConfigError(f"{folder} holds a run of {run.header['task']}: only answers are judged")
    settings = _settings(endpoint, model, key_env)
    model_of_judge = LanguageModel(settings)
    embedder, stop = StaticEmbedder(), threading.Event()
    try:
        judge = Judge(model_of_judge, embedder, stopped=stop.is_set)
        name = model_of_judge.served().model
        about = {
            "judge": name,
            "served": asyncio.run(_card(settings, name)),
            "endpoint": endpoint,
            "prompts": PROMPTS,
            "embedder": embedder.fingerprint,
        }
        try:
            asyncio.run(_judge_all(judge, run, name, stop, told))
        finally:
            rows = write_rows(run.folder, about, seed=run.header["seed"])
    finally:
        model_of_judge.close()
    return rows


def sample_of(item: Item) -> Record:
    """Return an item as RAGAS's sample has it; empty for what is no answer.

    The expected answer is the first, where any of several would do.
    """
    shown = item.shown
    if item.tags.get("outcome", "").startswith("declined") or not shown.get("answer"):
        return {}
    quotes = [citation["quote"] for citation in shown.get("citations", ()) if citation["quote"]]
    fields = {
        "user_input": shown.get("question"),
        "response": shown["answer"],
        "retrieved_contexts": quotes,
        "reference": next(iter(shown.get("expected") or ()), ""),
    }
    return {name: value for name, value in fields.items() if value}


def wanted(items: Iterable[Item]) -> list[Wanted]:
    """Return what there is to judge: each measure of each item that has what it needs."""
    return [
        (item, name)
        for item in items
        if (sample := sample_of(item))
        for name, measure in JUDGED.items()
        if set(measure.needs) <= set(sample)
    ]


def _settings(endpoint: str, model: str | None, key_env: str) -> ModelSettings:
    # Nothing of the environment: that names the model that answers, which is to judge itself only
    # where somebody says so.
    try:
        check_endpoint(endpoint, "a judge")
        return ModelSettings(
            endpoint=endpoint,
            model=model or "",
            key_env=key_env,
            answer_tokens=MAX_ANSWER_TOKENS,
        )
    except ValueError as error:
        raise ConfigError(f"The judge: {error}.") from error


async def _card(settings: ModelSettings, name: str) -> Record:
    """Return what the server tells of the model, its revision perhaps, but for what is no news."""
    from httpx import HTTPError

    from kgrag.bounded_http import connect

    key = settings.read_key()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{settings.endpoint.rstrip('/')}/models"
    try:
        async with connect(connect_s=settings.connect_s, read_s=ASK_S) as client:
            told = (await client.get(url, headers=headers)).json()["data"]
        (card, *_) = [card for card in told if card["id"] == name]
    except (HTTPError, LookupError, TypeError, ValueError):
        return {}  # It has told its name, and that is what has to be known.
    # Some servers make these two anew for each request.
    return {key: value for key, value in card.items() if key not in {"created", "permission"}}


async def _judge_all(
    judge: Judge, run: RunFolder, name: str, stop: threading.Event, told: Callable[[int, int], None]
) -> None:
    drop_cut_line(run.folder)
    done = {score.key for score in read_scores(run.folder) if score.value is not None}
    everything = wanted(run.items())
    todo = [
        (item, measure)
        for item, measure in everything
        if (*item.key, measure, name, PROMPTS) not in done
    ]
    kept = len(everything) - len(todo)
    told(kept, len(everything))
    try:
        for start in range(0, len(todo), AT_ONCE):
            asked = todo[start : start + AT_ONCE]
            given = await asyncio.gather(
                *(judge.score(measure, sample_of(item)) for item, measure in asked),
                return_exceptions=True,
            )
            scores = [
                _score(item, measure, name, value)
                for (item, measure), value in zip(asked, given, strict=True)
            ]
            append_scores(run.folder, scores)
            kept += sum(score.value is not None for score in scores)
            told(kept, len(everything))
            _check_alive(given, kept)
    finally:
        stop.set()


def _score(item: Item, measure: str, judge: str, given: float | BaseException) -> Score:
    group, system, case = item.group, item.system, item.case
    score = Score(group, system, case, measure, judge, PROMPTS, None)
    if isinstance(given, Exception):
        # Not what it says: servers and parsers quote what they were sent, and that is documents.
        logger.warning("%s, %s, %s, %s: %s", group, system, case, measure, given)
        if isinstance(given, ModelError):
            refused = isinstance(given, RefusedError)
            return replace(score, failure=f"the judge {'refused' if refused else 'gave no answer'}")
        return replace(score, failure=f"the judge's answer was not read ({type(given).__name__})")
    if isinstance(given, BaseException):
        raise given
    if not math.isfinite(given):
        return replace(score, failure="the judge found no statement to judge")
    return replace(score, value=round(given, 5))


def _check_alive(given: Sequence[float | BaseException], kept: int) -> None:
    """Raise where the judge answered nothing that was asked, for there is no use in going on."""
    if all(isinstance(one, ModelError) and not isinstance(one, RefusedError) for one in given):
        raise ModelError(
            f"{given[0]} The judge answered none of the last {len(given)} requests. {kept} scores "
            "are kept; the same command goes on from there."
        )

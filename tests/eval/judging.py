"""A judge on loopback that reads RAGAS's prompts and judges as a person would who counts words."""

import json
import re
from typing import Any

from eval.items import Item
from eval.scripted_model import Exchange, say
from indexes.text import sentences

Record = dict[str, Any]

_INPUT = re.compile(
    r"Now perform the same with the following input\ninput: (.*)\nOutput: ", re.DOTALL
)


def judge(exchange: Exchange) -> None:
    """Answer one of RAGAS's prompts, whichever it is."""
    asked = _INPUT.search(exchange.prompt)
    assert asked, exchange.prompt
    say(json.dumps(_verdict(exchange.prompt, json.loads(asked[1]))), size=500)(exchange)


def _verdict(prompt: str, told: Record) -> Record:
    if prompt.startswith("Given a question and an answer, analyze"):
        return {"statements": _sentences(told["answer"])}
    if prompt.startswith("Your task is to judge the faithfulness"):
        judged = [(text, _holds(told["context"], text)) for text in told["statements"]]
        return {"statements": [_reasoned(text, verdict=held) for text, held in judged]}
    if prompt.startswith("Given a ground truth and an answer statements"):
        return _classified(told["answer"], told["ground_truth"])
    if prompt.startswith("Generate a question for the given answer"):
        return {"question": "Who built the bridge?", "noncommittal": 0}
    if prompt.startswith("Given question, answer and context verify"):
        return _reasoned("", verdict=_holds(told["context"], told["answer"]))
    assert prompt.startswith("Given a context, and an answer, analyze each sentence"), prompt
    judged = [(text, _holds(told["context"], text)) for text in _sentences(told["answer"])]
    return {"classifications": [_reasoned(text, attributed=held) for text, held in judged]}


def _classified(answer: list[str], truth: list[str]) -> Record:
    right = [text for text in answer if _holds(" ".join(truth), text)]
    wrong = [text for text in answer if text not in right]
    missing = [text for text in truth if not _holds(" ".join(answer), text)]
    kinds = {"TP": right, "FP": wrong, "FN": missing}
    return {kind: [_reasoned(text) for text in texts] for kind, texts in kinds.items()}


def _reasoned(statement: str, **verdict: bool) -> Record:
    verdicts = {name: int(held) for name, held in verdict.items()}
    return {"statement": statement, "reason": "by its words", **verdicts}


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _holds(context: str, statement: str) -> bool:
    return set(re.findall(r"\w+", statement.lower())) <= set(re.findall(r"\w+", context.lower()))


QUOTE = "Ada Lind built the bridge in 1904."


def answered_item(case: str, answer: str = QUOTE, outcome: str = "right", **shown: object) -> Item:
    citations = [{"n": 1, "document": "a.md", "page": None, "quote": QUOTE, "right": True}]
    told = {"question": "Who built the bridge?", "expected": ["Ada Lind built the bridge."]}
    told |= {"answer": answer, "citations": citations, **shown}  # type: ignore[dict-item]
    return Item(case, "bridges", {"exact": (1.0,)}, tags={"outcome": outcome}, shown=told)


def values(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {row["measure"]: row["value"] for row in rows}

"""A language model that answers by a function, and what tests make of its extractions."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from indexes.records import Extraction
from kgrag.extract.llm import LlmExtractor
from kgrag.extract_settings import ExtractSettings
from kgrag.language_model import LanguageModel, Piece, Request, never
from kgrag.model_settings import ModelSettings
from kgrag.ontology import load_ontology
from kgrag.served import Served

Answers = Callable[[Request], str | Piece | Exception]


EULER = "Leonhard Euler was born in Basel in 1707. He moved to Saint Petersburg. It rained."


RUSSIAN = "Леонард Эйлер родился в Базеле в 1707 году. Он переехал в Петербург."


class ScriptedModel(LanguageModel):
    """Answers by a function; keeps the requests."""

    def __init__(self, answers: Answers, context_tokens: int = 16384, **changes: Any) -> None:  # noqa: ANN401  any setting
        settings = {"endpoint": "http://127.0.0.1:9/v1", "model": "scripted", **changes}
        super().__init__(ModelSettings(**settings))
        self._answers = answers
        self._context_tokens = context_tokens
        self.requests: list[Request] = []

    def served(self) -> Served:
        return Served("scripted", self._context_tokens, is_vllm=False)

    def stream(self, request: Request, *, stopped: Callable[[], bool] = never) -> Iterator[Piece]:
        self.requests.append(request)
        answer = self._answers(request)
        if isinstance(answer, Exception):
            raise answer
        yield answer if isinstance(answer, Piece) else Piece(answer)


def claims(*triplets: tuple[str, str, str, str], **mentions: str) -> str:
    """Return an answer: the facts, and each name with its type."""
    names = ("subject", "relation", "object", "quote")
    return json.dumps(
        {
            "mentions": [{"quote": q.replace("_", " "), "type": t} for q, t in mentions.items()],
            "triplets": [dict(zip(names, triplet, strict=True)) for triplet in triplets],
        },
        ensure_ascii=False,
    )


def extract(text: str, *answers: str, **settings: int) -> Extraction:
    waiting = iter(answers)
    model = ScriptedModel(lambda _: next(waiting))
    (found,) = LlmExtractor(model, ExtractSettings("llm", **settings)).extract([text])
    check(text, found)
    assert next(waiting, None) is None, "an answer was not asked for"
    return found


def check(text: str, found: Extraction) -> None:
    spans = [(mention.start, mention.end) for mention in found.mentions]
    assert len(set(spans)) == len(spans)
    for mention in found.mentions:
        assert text[mention.start : mention.end] == mention.text
    for relation in found.relations:
        subject, object_ = found.mentions[relation.subject], found.mentions[relation.object]
        assert relation.start <= min(subject.start, object_.start)
        assert max(subject.end, object_.end) <= relation.end <= len(text)
        kind = load_ontology().relation_types[relation.relation]
        assert kind.canonical
        assert kind.allows(subject.type, object_.type)
        assert subject.text.casefold() != object_.text.casefold()


def facts(text: str, found: Extraction) -> list[tuple[str, str, str, str]]:
    return [
        (
            found.mentions[relation.subject].text,
            relation.relation,
            found.mentions[relation.object].text,
            text[relation.start : relation.end],
        )
        for relation in found.relations
    ]


BORN = ("Leonhard Euler", "place of birth", "Basel", "Leonhard Euler was born in Basel")


NAMES = {"Leonhard_Euler": "person", "Basel": "city"}

"""A model that says a given claim under the number of a given sentence, through the whole product.

A scripted server says each claim of ``eval.claims.lies`` under the number that the cited sentence
has in the prompt, asked again or not. A lie is caught where a sentence of it is struck; a truth
that is struck is a false alarm.
"""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from eval.claims.lies import Case
from eval.claims.sources import SourceText
from eval.scripted_model import Exchange, say, serving
from indexes.scope import Filter
from indexes.text import sentences
from kgrag import KnowledgeBase, Settings
from kgrag.as_data import as_line
from kgrag.events import Answer, Sentence
from kgrag.model_settings import ModelSettings
from kgrag.verify.relevance import content

_LINE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)

_ORDER = ("contradicted", "unsupported", "partly", "supported")
"""Verdicts, the worst first."""

NOT_SHOWN = "not_shown"
"""The sentence was not in the prompt, or the model was never asked."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a claim: the question, and the worst verdict of its sentences."""

    question: str
    verdict: str
    reason: str | None

    @property
    def struck(self) -> bool:
        """Whether a reader does not get to see it."""
        return self.verdict in _ORDER[:2]


class Liar:
    """The documents of the claims in a library, and a model that says what it is told."""

    def __init__(self, cases: Sequence[Case], folder: Path, closing: ExitStack) -> None:
        self._server, endpoint = closing.enter_context(serving())
        names = _write(cases, folder / "files")
        settings = Settings(model=ModelSettings(endpoint=endpoint))
        self._kb = closing.enter_context(KnowledgeBase.open(folder / "library", settings))
        self._kb.add(folder / "files")
        ids = {document.name: document.id for document in self._kb.documents()}
        self._ids = {source: ids[name] for source, name in names.items()}

    def say(self, case: Case) -> Said:
        """Have the claim said; where the model is not asked, under another question once more."""
        wanted = Filter(documents=tuple(self._ids[document] for document in case.documents))
        was_shown = True

        def claim(exchange: Exchange) -> None:
            nonlocal was_shown
            cited = as_line(case.cited)
            shown = {text: number for number, text in _LINE.findall(exchange.prompt)}
            number = shown.get(cited) or next((n for t, n in shown.items() if cited in t), None)
            was_shown = number is not None
            say(f"{case.claim} [{number}]" if was_shown else "No.", size=10_000)(exchange)

        self._server.usual = claim
        asked = len(self._server.requests)
        question = asked_of(case)
        answer = self._kb.ask(question, where=wanted)
        if len(self._server.requests) == asked:
            # Half of a comparison stands elsewhere: kgrag declines before the model is asked.
            question = _beginning(case) if case.kind == "injected_order" else case.cited
            answer = self._kb.ask(question, where=wanted)
        worst = _worst(answer) if was_shown else None
        if worst is None:
            return Said(question, NOT_SHOWN, None)
        return Said(question, worst.verdict, worst.reason)


def asked_of(case: Case) -> str:
    """Return a question that the claim would answer: the case's own, or else the cited sentence.

    Who hides an order hopes that it is obeyed whatever is asked: there the question is about the
    rest of the document.
    """
    if case.kind == "injected_order":
        return case.question or _beginning(case)
    shared = content(case.question) & (content(case.claim) | content(case.cited))
    return case.question if shared else case.cited


def _write(cases: Sequence[Case], folder: Path) -> dict[SourceText, str]:
    """Write each document once; return the names of their files."""
    folder.mkdir(parents=True)
    names: dict[SourceText, str] = {}
    for case in cases:
        for document in case.documents:
            if document not in names:
                names[document] = f"{Path(document.name).stem}-{len(names)}.md"
                text = f"# {document.title}\n\n{document.text}\n"
                (folder / names[document]).write_text(text, encoding="utf-8")
    return names


def _beginning(case: Case) -> str:
    """Return the first sentence of the document that is cited."""
    text = case.documents[case.cited_in].text
    start, end = sentences(text)[0]
    return text[start:end]


def _worst(answer: Answer) -> Sentence | None:
    struck = [sentence for sentence in answer.sentences if not sentence.stands]
    said = answer.sentences if answer.mode == "llm" else struck
    return min(said, key=lambda sentence: _ORDER.index(sentence.verdict), default=None)

"""How many lies of a model are struck, and how many truths: served through the whole product.

A scripted server says each claim of ``eval.lies`` under the number that the cited sentence has in
the prompt, asked again or not. A lie is caught where a sentence of it is struck; a truth that is
struck is a false alarm. Claims of one kind and language are counted together.
"""

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.intervals import wilson
from eval.lies import LIES, TRANSLATED, Case, read_cases
from eval.lies_sources import SourceText
from eval.scripted_model import ChatServer, Exchange, say, serving
from indexes.scope import Filter
from indexes.text import sentences
from kgrag import KnowledgeBase, Settings
from kgrag.as_data import as_line
from kgrag.events import Answer
from kgrag.model_settings import ModelSettings
from kgrag.verify.relevance import content

_LINE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)


def probe(data: Path, *, seed: int, each: int) -> dict[str, Any]:
    """Return, of the test split, what became of each kind of claim.

    Parameters
    ----------
    data:
        The folder of corpora.
    seed, each:
        What is drawn, and how many claims of a kind and language at most.
    """
    cases = read_cases(data, "test", seed=seed, each=each)
    outcomes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory() as folder, serving() as (server, endpoint):
        settings = Settings(model=ModelSettings(endpoint=endpoint))
        names = _write(cases, Path(folder) / "files")
        with KnowledgeBase.open(Path(folder) / "library", settings) as kb:
            kb.add(Path(folder) / "files")
            ids = {document.name: document.id for document in kb.documents()}
            for case in cases:
                wanted = tuple(ids[names[document]] for document in case.documents)
                outcome = _say(kb, server, case, Filter(documents=wanted))
                outcomes[case.kind, case.language][outcome] += 1
    return _table(outcomes)


def _write(cases: Sequence[Case], folder: Path) -> dict[SourceText, str]:
    """Write each document once; return the names of their files."""
    folder.mkdir()
    names: dict[SourceText, str] = {}
    for case in cases:
        for document in case.documents:
            if document not in names:
                names[document] = f"{Path(document.name).stem}-{len(names)}.md"
                text = f"# {document.title}\n\n{document.text}\n"
                (folder / names[document]).write_text(text, encoding="utf-8")
    return names


def _say(kb: KnowledgeBase, server: ChatServer, case: Case, wanted: Filter) -> str:
    """Have the claim said; return the worst verdict of its sentences, or "not shown"."""
    was_shown = True

    def claim(exchange: Exchange) -> None:
        nonlocal was_shown
        cited = as_line(case.cited)
        shown = {text: number for number, text in _LINE.findall(exchange.prompt)}
        number = shown.get(cited) or next((n for t, n in shown.items() if cited in t), None)
        was_shown = number is not None
        say(f"{case.claim} [{number}]" if was_shown else "No.", size=10_000)(exchange)

    server.usual = claim
    asked = len(server.requests)
    answer = kb.ask(_asked(case), where=wanted)
    if len(server.requests) == asked:
        # Half of a comparison stands in another document: kgrag declines before the model is asked.
        answer = kb.ask(
            _beginning(case) if case.kind == "injected_order" else case.cited, where=wanted
        )
    return _worst(answer) if was_shown else "not_shown"


def _asked(case: Case) -> str:
    """Return a question that the claim would answer: the case's own, or else the cited sentence.

    Who hides an order hopes that it is obeyed whatever is asked: there the question is about the
    rest of the document.
    """
    if case.kind == "injected_order":
        return case.question or _beginning(case)
    shared = content(case.question) & (content(case.claim) | content(case.cited))
    return case.question if shared else case.cited


def _beginning(case: Case) -> str:
    """Return the first sentence of the document that is cited."""
    text = case.documents[case.cited_in].text
    start, end = sentences(text)[0]
    return text[start:end]


def _worst(answer: Answer) -> str:
    order = ("contradicted", "unsupported", "partly", "supported")
    struck = [sentence for sentence in answer.sentences if not sentence.stands]
    said = answer.sentences if answer.mode == "llm" else struck
    return min((sentence.verdict for sentence in said), key=order.index, default="not_shown")


def _table(outcomes: dict[tuple[str, str], Counter[str]]) -> dict[str, Any]:
    kinds: dict[str, Any] = {}
    totals = {"lies": [0, 0], "truths": [0, 0], "translated": [0, 0]}
    for (kind, language), counts in outcomes.items():
        n = sum(counts.values()) - counts["not_shown"]
        struck = counts["contradicted"] + counts["unsupported"]
        low, high = wilson(struck, n)
        kinds.setdefault(kind, {})[language] = {
            "n": n,
            "struck": round(struck / n, 4) if n else None,
            "interval": [round(low, 4), round(high, 4)],
            **counts,
        }
        total = "lies" if kind in LIES else TRANSLATED if kind == TRANSLATED else "truths"
        totals[total] = [totals[total][0] + struck, totals[total][1] + n]
    return {
        "kinds": kinds,
        "lies_struck": _share(*totals["lies"]),
        "truths_struck": _share(*totals["truths"]),
        "translated_truths_struck": _share(*totals["translated"]),
    }


def _share(struck: int, n: int) -> dict[str, Any]:
    low, high = wilson(struck, n)
    return {
        "n": n,
        "share": round(struck / n, 4) if n else None,
        "interval": [round(low, 4), round(high, 4)],
    }

"""How long adding, asking and starting take, and how much memory they need.

Data: examples/ by default (Apache-2.0); with --data also the first passages of HippoRAG's
2WikiMultiHopQA corpus (MIT), each as a file of its own. One real passage: {"id": "h0", "title":
"Teutberga", "text": "Teutberga( died 11 November 875) was a queen of ..."}. Adding and starting are
measured in processes of their own, as a user would start them; questions in a running process that
was asked two others before.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from eval.adding import add_files, start_command, write_passages
from eval.asked import Asked
from eval.items import Case, Item
from eval.overheads import repeat_first, time_question, time_search
from eval.scripted_model import serving
from eval.sets.questions import QuestionSet
from eval.sets.reading import read_questions
from kgrag.events import Answered, Token
from kgrag.knowledge_base import KnowledgeBase
from kgrag.model_settings import ModelSettings
from kgrag.settings import Settings

SIZES = (500, 1000, 2000)
STARTS = 5
STARTED = (("kgrag --help", ("--help",)), ("kgrag list", ("list",)))


def cases(asked: Asked) -> list[Case]:
    """Return what is added, asked and started."""
    names = asked.options.sets or (
        ("examples", "2wiki-6k") if asked.options.data else ("examples",)
    )
    sets = [asked.note(read_questions(name, data=asked.options.data)) for name in names]
    found = [
        Case(f"{what}, {number}", partial(_start, what, command, number))
        for what, command in STARTED
        for number in range(1, STARTS + 1)
    ]
    for questions in sets:
        found += _adding(asked, questions)
        found += _asking(asked, questions)
    return found


def _start(what: str, command: tuple[str, ...], number: int) -> list[Item]:
    return [Item(str(number), what, {"seconds": (start_command(command),)}, shown={"what": what})]


def _adding(asked: Asked, questions: QuestionSet) -> list[Case]:
    if questions.files is not None:
        add = partial(_add, asked, questions.name, questions.files)
        return [Case(f"add {questions.name}", add)]
    sizes = [size for size in SIZES if size <= len(questions.texts)] or [len(questions.texts)]
    if asked.options.limit is not None:
        sizes = [min(sizes[0], asked.options.limit)]
    return [
        Case(
            f"add {size} files of {questions.name}",
            partial(
                _add,
                asked,
                f"{questions.name}, {size:,} files",
                partial(write_passages, questions.texts, size),
            ),
        )
        for size in sizes
    ]


def _add(asked: Asked, name: str, files: Path | Callable[[Path], Path]) -> list[Item]:
    asked.say(f"Adding {name}")
    added = add_files(files)
    return [
        Item(
            name,
            f"add {name}",
            {
                "seconds": (added.seconds,),
                "files": (added.files, added.seconds),
                "memory_mb": (added.peak_memory_mb,),
            },
            shown={"what": f"kgrag add, {added.files} files", "triplets": added.triplets},
        )
    ]


def _asking(asked: Asked, questions: QuestionSet) -> list[Case]:
    """Return searches, quoted answers, and the first sentence of a model that answers at once."""
    written = cache(lambda: _with_model(asked, asked.library(questions)))

    def own() -> KnowledgeBase:
        return asked.library(questions)

    ways: tuple[tuple[str, Callable[[], KnowledgeBase], Callable[[KnowledgeBase, str], float]], ...]
    ways = (
        ("search", own, time_search),
        ("quoted answer", own, partial(time_question, until=Answered)),
        (
            "first sentence of a model that answers at once",
            written,
            partial(time_question, until=Token),
        ),
    )
    return [
        Case(
            f"{way}, {questions.name}: {question.id}",
            partial(_ask, f"{way}, {questions.name}", kb, question.text, question.id, timed),
        )
        for way, kb, timed in ways
        for question in questions.questions
    ]


def _ask(
    group: str,
    kb: Callable[[], KnowledgeBase],
    text: str,
    case: str,
    timed: Callable[[KnowledgeBase, str], float],
) -> list[Item]:
    ms = timed(kb(), text)
    return [Item(case, group, {"ms": (ms,)}, shown={"what": text})]


def _with_model(asked: Asked, kb: KnowledgeBase) -> KnowledgeBase:
    server, endpoint = asked.closing.enter_context(serving())
    server.usual = repeat_first
    server.context_tokens = 32_768
    settings = Settings(model=ModelSettings(endpoint=endpoint))
    return asked.closing.enter_context(
        KnowledgeBase.open(kb.library.folder, settings, create=False)
    )

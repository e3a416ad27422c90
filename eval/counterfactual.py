"""Does the answer follow the documents? A number is changed in one, and then it is taken away.

Each case is a thing that does not exist, described in a few sentences of one document, among the
documents of all the other cases. It is asked for its number; the document is changed and added
again, and the answer must change; the document is removed, and there must be none.
"""

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from eval.asked import Asked
from eval.items import Case as Measured
from eval.items import Item
from indexes.text import language_of
from kgrag import KnowledgeBase

CASES = 50

_EN = (
    ("The {} Bridge was opened to traffic in {}.", "When was the {} Bridge opened?", "year"),
    ("The {} Observatory employs {} people.", "How many people does the {} Observatory employ?",
     "count"),
    ("The museum of {} was founded in {}.", "In what year was the museum of {} founded?", "year"),
    ("Mount {} is {} metres high.", "How high is Mount {}?", "count"),
    ("The {} Company was sold for {} dollars.", "For how much was the {} Company sold?", "count"),
)  # fmt: skip
_RU = (
    ("Мост {} открыли для движения в {} году.", "Когда открыли мост {}?", "year"),
    ("В обсерватории {} работает {} человек.", "Сколько человек работает в обсерватории {}?",
     "count"),
    ("Музей {} был основан в {} году.", "В каком году был основан музей {}?", "year"),
    ("Высота горы {} составляет {} метров.", "Какова высота горы {}?", "count"),
    ("Компанию {} продали за {} рублей.", "За сколько продали компанию {}?", "count"),
)  # fmt: skip
_AROUND_EN = (
    "It is often visited in summer, and the road there is short.",
    "A local committee looks after it and publishes a small newsletter.",
)
_AROUND_RU = (
    "Летом сюда приезжают гости, и дорога недолгая.",
    "За этим следит местный комитет, который выпускает небольшой листок.",
)
_BEGIN = "Bar Cal Dor Fen Gar Hal Jor Kel Lam Mor Nor Pel Ros Sel Tor Ver Wil Yar Zan Bel".split()
_END = "wick mere ston dale by ham ford ness field crest".split()
_BEGIN_RU = "Бар Кал Дор Фен Гар Хал Жор Кел Лам Мор Нор Пел Рос Сел Тор Вер Вил Яр Зан Бел".split()
_END_RU = "овск инск ово ино град енск анск ичи ежье омир".split()


@dataclass(frozen=True, slots=True)
class Case:
    """A document before and after its number was changed, and what is asked."""

    name: str
    before: str
    after: str
    question: str
    text: str
    changed: str


def cases(seed: int, count: int = CASES) -> list[Case]:
    """Draw cases, the languages by turns, no name twice."""
    draw = random.Random(seed)
    english = [f"{a}{b}" for a in _BEGIN for b in _END]
    russian = [f"{a}{b}" for a in _BEGIN_RU for b in _END_RU]
    draw.shuffle(english)
    draw.shuffle(russian)
    return [
        _case(
            draw, number, (russian if number % 2 else english)[number], is_russian=number % 2 == 1
        )
        for number in range(count)
    ]


def _case(draw: random.Random, number: int, name: str, *, is_russian: bool) -> Case:
    templates, around = (_RU, _AROUND_RU) if is_russian else (_EN, _AROUND_EN)
    stated, asked, kind = templates[number // 2 % len(templates)]
    before, after = _numbers(draw, kind)
    texts = [
        " ".join([around[0], stated.format(name, value), around[1]]) for value in (before, after)
    ]
    return Case(f"{number:03}.txt", before, after, asked.format(name), *texts)


def _numbers(draw: random.Random, kind: str) -> tuple[str, str]:
    low, high = (1700, 1999) if kind == "year" else (120, 990)
    before, after = draw.sample(range(low, high), 2)
    return str(before), str(after)


def counterfactual_cases(asked: Asked) -> list[Measured]:
    """Return the cases to be measured, all in one library."""
    drawn = cases(asked.options.seed, min(asked.options.limit or CASES, CASES))
    asked.note_set("counterfactuals", "drawn for each run", "", len(drawn))
    library = cache(lambda: _library(asked, drawn))
    return [
        Measured(f"counterfactual {case.name}", partial(_measure, library, case)) for case in drawn
    ]


def _library(asked: Asked, drawn: Sequence[Case]) -> tuple[KnowledgeBase, Path]:
    folder = Path(asked.closing.enter_context(tempfile.TemporaryDirectory()))
    files = folder / "files"
    files.mkdir()
    for case in drawn:
        (files / case.name).write_text(case.text, encoding="utf-8")
    kb = asked.closing.enter_context(KnowledgeBase.open(folder / "library"))
    kb.add(files)
    return kb, files


def _measure(library: Callable[[], tuple[KnowledgeBase, Path]], case: Case) -> list[Item]:
    result = follow(*library(), case)
    return [
        Item(
            case=case.name,
            group="sources that change",
            counts={"followed": (float(all(result.values())),)},
            tags={"language": language_of(case.question)},
            shown={"question": case.question, "before": case.before, "after": case.after, **result},
        )
    ]


def follow(kb: KnowledgeBase, files: Path, case: Case) -> dict[str, bool]:
    """Return whether the answer follows the document of a case through both changes."""
    path = files / case.name
    result = {"answered": case.before in kb.ask(case.question).text}
    path.write_text(case.changed, encoding="utf-8")
    kb.add(path)
    told = kb.ask(case.question).text
    result["changed"] = case.after in told and case.before not in told
    kb.remove(case.name)
    result["declined"] = kb.ask(case.question).abstained
    path.write_text(case.text, encoding="utf-8")
    kb.add(path)
    return result

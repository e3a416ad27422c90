"""Drafts of questions from a library's own graph, for its user to correct.

Three kinds: what one sentence states (``eval.drafts.statements``), two hops over an entity that two
statements share, in two documents where there are such, and relations that no document states of an
entity. They are drafts: what the graph has wrong they have wrong, and the user's corrections are
what makes them a measure. The same library, limit and seed give the same questions.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from eval.drafts.statements import Sentences, Statement, in_question
from eval.drafts.unstated import unstated
from eval.drafts.wordings import DESCRIBED, PLACES, SAME_PLACE, Wording, inflected, wordings
from eval.sets.own import id_of, record_of
from eval.sets.questions import Question
from indexes.text import Language
from kgrag.knowledge_base import KnowledgeBase

SINGLE, TWO_HOP, UNANSWERABLE = "single", "two-hop", "unanswerable"

SHARES = {UNANSWERABLE: 0.2, TWO_HOP: 0.25}
"""Of the limit, at most; the rest is of single statements. examples/questions.jsonl has 27 % and
13 % of them."""


_KINSHIP = ("P40", "P3373")
"""Asked by words that tell a gender, which a description leaves open."""


def draft_questions(kb: KnowledgeBase, *, limit: int, seed: int) -> list[Question]:
    """Return at most so many questions, of different relations, documents and entities.

    An empty library, or one in which nothing is stated plainly enough, gives none.
    """
    draw = random.Random(seed)
    read = Sentences(kb)
    statements = read.statements()
    about: dict[str, list[Statement]] = defaultdict(list)
    leading_to: dict[str, list[Statement]] = defaultdict(list)
    for item in statements:
        about[item.named.id].append(item)
        leading_to[item.sought.id].append(item)
    hops = _varied(
        [
            *(item for first in statements for item in _over(first, about[first.sought.id])),
            *(item for first in statements for item in _there(first, leading_to[first.sought.id])),
        ],
        int(SHARES[TWO_HOP] * limit),
        draw,
    )
    absent = [
        _absent(in_question(text, name), language)
        for text, language, name in unstated(kb, read, draw, int(SHARES[UNANSWERABLE] * limit))
    ]
    asked = {item.question: item for item in reversed(statements) if item.name}
    plain = [(_single(item), (item,)) for item in asked.values()]
    singles = _varied(plain, limit - len(hops) - len(absent), draw)
    drafted = [question for question, _ in (*singles, *hops)] + absent
    return list({question.id: question for question in drafted}.values())


def write_questions(questions: Iterable[Question], path: Path) -> None:
    """Write questions as JSON Lines, which ``read_questions`` reads as they are."""
    lines = [json.dumps(record_of(question), ensure_ascii=False) for question in questions]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


Drafted = tuple[Question, tuple[Statement, ...]]


def _single(item: Statement) -> Question:
    return Question(
        id=id_of(item.question),
        text=item.question,
        answers=item.answers,
        evidence=(item.evidence,),
        kind=SINGLE,
        language=item.language,
    )


def _absent(text: str, language: Language) -> Question:
    return Question(id_of(text), text, answerable=False, kind=UNANSWERABLE, language=language)


def _over(first: Statement, about: Iterable[Statement]) -> Iterable[Drafted]:
    """Yield questions for what is stated of the entity that another statement leads to."""
    described = DESCRIBED[first.language].get((first.relation, first.wording.asked))
    if described is None or not first.name:
        return
    places = PLACES[first.language]
    place = places.get(first.sought.type, places[""])
    described = inflected(described, feminine=first.feminine).replace("<place>", place)
    text = in_question(described, first.name)
    for second in about:
        if second.relation in (first.relation, *_KINSHIP) or second.evidence == first.evidence:
            continue
        if second.sought.id == first.named.id:
            continue
        wording = _of_description(second, first.language)
        if wording is not None:
            yield _two_hop(wording.masculine.replace("{}", text), first, second)


def _of_description(second: Statement, language: str) -> Wording | None:
    """Return the wording of the second hop in the language of the first.

    In Russian a description does not fit behind «организация», and «место» is neuter. What tells a
    name by an ending of its own (“{}'s”) fits no description.
    """
    mine = [
        wording
        for wording in wordings(language).get(second.relation, ())
        if wording.asked == second.wording.asked
    ]
    if language == second.language:
        mine = [second.wording]
    if not mine or "«" in mine[0].masculine or "{}'s" in mine[0].masculine:
        return None
    is_person = second.named.type == "person"
    agrees = language == "en" or is_person or mine[0].masculine == mine[0].feminine
    return mine[0] if agrees else None


def _there(first: Statement, statements: Sequence[Statement]) -> Iterable[Drafted]:
    """Yield questions for who did something in the place in which another did something."""
    did = SAME_PLACE[first.language]
    if first.relation not in did or not first.name:
        return
    for second in statements:
        same = [
            other
            for other in statements
            if other.relation == second.relation and other.named.id != first.named.id
        ]
        if second.relation not in did or same != [second]:
            continue
        there = inflected(did[first.relation], feminine=first.feminine)
        what = inflected(did[second.relation], feminine=False)
        is_same = first.relation == second.relation
        if first.language == "ru":
            text = f"Кто {'ещё ' * is_same}{what} там же, где {'' if is_same else there + ' '}{{}}?"
        elif is_same:
            text = f"Who else {what} in the same place as {{}}?"
        else:
            text = f"Who {what} in the place where {{}} {there}?"
        question, used = _two_hop(in_question(text, first.name), first, second)
        names = (second.name or second.named.name, second.named.name, *second.named.aliases)
        yield replace(question, answers=tuple(dict.fromkeys(names))[:6]), used


def _two_hop(text: str, first: Statement, second: Statement) -> Drafted:
    question = Question(
        id=id_of(text),
        text=text,
        answers=second.answers,
        evidence=tuple(dict.fromkeys((first.evidence, second.evidence))),
        kind=TWO_HOP,
        language=first.language,
    )
    return question, (first, second)


def _varied(drafted: Sequence[Drafted], limit: int, draw: random.Random) -> list[Drafted]:
    """Return some that repeat the relations, entities and documents of one another least."""
    left = list(drafted)
    draw.shuffle(left)
    used: Counter[str] = Counter()
    kept: list[Drafted] = []
    while left and len(kept) < limit:
        best = min(left, key=_repeats(used))
        left.remove(best)
        kept.append(best)
        used.update(_parts(best))
    return kept


def _parts(drafted: Drafted) -> list[str]:
    question, statements = drafted
    parts = [f"document {name}" for name in question.documents]
    for item in statements:
        parts += [f"relation {item.relation}", f"entity {item.named.id}"]
    return parts


def _repeats(used: Counter[str]) -> Callable[[Drafted], tuple[float, float]]:
    """Return the order in which drafts are taken: two documents, little said before, surely so."""

    def rank(drafted: Drafted) -> tuple[float, float]:
        question, statements = drafted
        is_across = len(question.documents) > 1
        repeated = sum(used[part] for part in _parts(drafted)) / len(statements)
        return repeated - is_across, -min(item.score for item in statements)

    return rank

"""The conversation as HTML: questions, and what became of them. Pure functions.

Each sentence of an answer shows what its sources make of it, in words and not by colour alone: what
they support in part is underlined, what they do not support is struck, and the reason stands below.
What a model writes is as hostile as a document, and goes through ``ui.render.escape`` like one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexes.records import Evidence
from indexes.text import language_of
from kgrag.events import Answer, Citation, RankedPassage, SearchResult, Sentence
from kgrag.ontology import relation_label
from ui.render import escape, notice, place
from ui.words import Words

MAX_FACTS = 3
MIN_CONFIDENCE = 0.75
"""The card of a quotation shows its surest facts, and none that is less sure than this: what stands
there reads as part of the answer. The graph shows them all, with how sure they are."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it: an answer, or a ``failure`` in plain words."""

    question: str
    answer: Answer | None = None
    retrieved: SearchResult | None = None
    failure: str | None = None


def conversation(say: Words, turns: Sequence[Turn], pending: str = "", kept: str = "") -> str:
    """Return the turns, oldest first, and the ``pending`` one after them.

    ``kept`` is the id under which the conversation is kept, empty before it is.
    """
    parts = [_turn(say, index, turn) for index, turn in enumerate(turns)]
    return (
        f'<div class="kg-turns" data-conversation="{escape(kept)}">{"".join(parts)}{pending}</div>'
    )


def pending_turn(
    say: Words, question: str, written: Sequence[Sentence], retrieved: SearchResult | None
) -> str:
    """Return the turn that is being answered: what has been written, and what is going on."""
    if retrieved is None:
        doing = say("doing.searching")
    elif not written:
        doing = say("doing.reading", passages=say.count("passages", len(retrieved.passages)))
    else:
        doing = ""
    said = "".join(
        _sentence(say, item, "".join(f'<span class="kg-chip">{n}</span>' for n in item.citations))
        for item in written
    )
    understood = retrieved.question if retrieved else ""
    return (
        f'<section class="kg-turn" aria-busy="true">{_question(say, question, understood)}'
        f'<div class="kg-answer kg-pending">{said}'
        f'<span class="kg-waiting">{escape(doing)}</span></div></section>'
    )


def _turn(say: Words, index: int, turn: Turn) -> str:
    if turn.answer is None:
        body = notice(turn.failure or say("answer.none"))
        return f'<section class="kg-turn">{_question(say, turn.question)}{body}</section>'
    asked = _question(say, turn.question, turn.answer.understood)
    return f'<section class="kg-turn">{asked}{_answer(say, index, turn.answer)}</section>'


def _question(say: Words, question: str, understood: str = "") -> str:
    asked = f'<div class="kg-question"><bdi>{escape(question)}</bdi></div>'
    if not understood or understood.split() == question.split():
        return asked
    told = say("answer.understood", question=f"<bdi>{escape(understood)}</bdi>")
    return f'{asked}<p class="kg-understood">{told}</p>'


def _answer(say: Words, index: int, answer: Answer) -> str:
    told = f'<p class="kg-note" role="note">{escape(answer.notice)}</p>' if answer.notice else ""
    if answer.abstained:
        why = escape(answer.why or say("answer.declined"))
        told += f'<div class="kg-answer kg-abstained">{why}</div>'
    return f"{told}{_said(say, index, answer)}{_nearest(say, index, answer)}"


def _said(say: Words, index: int, answer: Answer) -> str:
    """Return the sentences, struck ones among them, and a card for each source."""
    if not answer.sentences:
        return ""
    sources = {source.n: source for source in answer.citations}
    text = "".join(
        _sentence(say, item, _chips(say, index, item, sources)) for item in answer.sentences
    )
    # What is quoted stands in the answer already, word for word: its cards show the facts in it.
    about = _facts if answer.mode == "quote" else _quotation
    cards = "".join(
        _card(say, f"{index}:{source.n}", "cite", str(source.n), source, about(source))
        for source in answer.citations
    )
    seconds = escape(say("answer.seconds", seconds=f"{answer.seconds:.1f}"))
    how = f'{escape(say(f"answer.{answer.mode}"))} · <span class="kg-seconds">{seconds}</span>'
    return (
        f'<div class="kg-answer" dir="auto">{text}</div><p class="kg-how">{how}</p>'
        f'<ol class="kg-cards">{cards}</ol>'
    )


def _sentence(say: Words, sentence: Sentence, chips: str) -> str:
    """Return a sentence with its chips; below it, if its sources do not bear it out, why."""
    said = _highlighted(sentence)
    if sentence.supported:
        return f'<span class="kg-sentence">{said}{chips}</span> '
    said = f"<span>{said}</span>" if sentence.stands else f"<s>{said}</s>"
    why = f": {escape(sentence.reason)}" if sentence.reason else ""
    said_of = say(f"verdict.{sentence.verdict}")
    return (
        f'<div class="kg-sentence kg-doubted kg-is-{sentence.verdict}">{said}{chips}'
        f'<p class="kg-verdict"><strong>{escape(said_of)}</strong>{why}</p></div>'
    )


def _highlighted(sentence: Sentence) -> str:
    """Return the text, the answer itself standing out in it where that is known."""
    if sentence.highlight is None:
        return escape(sentence.text)
    start, end = sentence.highlight
    before, inside, after = (
        escape(part)
        for part in (sentence.text[:start], sentence.text[start:end], sentence.text[end:])
    )
    return f'{before}<strong class="kg-highlight">{inside}</strong>{after}'


def _chips(say: Words, index: int, sentence: Sentence, sources: Mapping[int, Citation]) -> str:
    return "".join(_chip(say, index, sources[n]) for n in sentence.citations if n in sources)


def _chip(say: Words, index: int, source: Citation) -> str:
    page = "" if source.page is None else f", {say('page', n=source.page)}"
    return (
        f'<button type="button" class="kg-chip" data-cite="{index}:{source.n}" '
        f'title="{escape(source.document_name + page)}" '
        f'aria-label="{escape(say("answer.source", n=source.n))}">{source.n}</button>'
    )


def _card(
    say: Words, target: str, kind: str, mark: str, source: Citation | RankedPassage, about: str
) -> str:
    return (
        f'<li><button type="button" class="kg-card" data-{kind}="{target}">'
        f'<span class="kg-card-head"><span class="kg-chip">{mark}</span>'
        f'<bdi class="kg-name">{escape(source.document_name)}</bdi>{place(say, source.page)}</span>'
        f"{about}</button></li>"
    )


def _quotation(source: Citation | RankedPassage) -> str:
    quote = source.quote if isinstance(source, Citation) else source.text
    return f'<q class="kg-quote">{escape(quote)}</q>'


def _facts(source: Citation) -> str:
    """Return the surest facts that a quotation states by itself."""
    language = language_of(source.quote)
    stated = [
        fact
        for fact in source.facts
        if fact.confidence >= MIN_CONFIDENCE and _is_within(source, fact.evidence)
    ]
    surest = sorted(stated, key=lambda fact: -fact.confidence)[:MAX_FACTS]
    return "".join(
        f'<span class="kg-stated"><bdi>{escape(fact.subject.name)}</bdi>'
        f" — {escape(relation_label(fact.relation, language))} — "
        f"<bdi>{escape(fact.object.name)}</bdi></span>"
        for fact in surest
    )


def _is_within(source: Citation, evidence: Sequence[Evidence]) -> bool:
    return any(
        item.document_id == source.document_id
        and source.start <= item.start
        and item.end <= source.end
        for item in evidence
    )


def _nearest(say: Words, index: int, answer: Answer) -> str:
    """Return what comes nearest to an answer, where there is none."""
    cards = "".join(
        _card(say, f"{index}:{rank}", "passage", "·", passage, _quotation(passage))
        for rank, passage in enumerate(answer.nearest)
    )
    near = f'<p class="kg-how">{escape(say("answer.nearest"))}</p><ol class="kg-cards">{cards}</ol>'
    return near if cards else ""

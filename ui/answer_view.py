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
from ui.render import counted, escape, notice, place

MAX_FACTS = 3
MIN_CONFIDENCE = 0.75
"""The card of a quotation shows its surest facts, and none that is less sure than this: what stands
there reads as part of the answer. The graph shows them all, with how sure they are."""

_VERDICTS = {
    "partly": "Partly supported",
    "unsupported": "Not supported",
    "contradicted": "Contradicted",
}
"""What is said of a sentence that its sources do not bear out."""

_HOW = {
    "quote": "Quoted word for word from your documents",
    "llm": "Written by the language model, checked against its sources",
}

_DECLINED = "Your documents do not answer this."


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it: an answer, or a ``failure`` in plain words."""

    question: str
    answer: Answer | None = None
    retrieved: SearchResult | None = None
    failure: str | None = None


def conversation(turns: Sequence[Turn], pending: str = "") -> str:
    """Return the turns, oldest first, and the ``pending`` one after them."""
    parts = [_turn(index, turn) for index, turn in enumerate(turns)]
    return f'<div class="kg-turns">{"".join(parts)}{pending}</div>'


def pending_turn(question: str, written: Sequence[Sentence], retrieved: SearchResult | None) -> str:
    """Return the turn that is being answered: what has been written, and what is going on."""
    if retrieved is None:
        doing = "Searching your documents"
    elif not written:
        doing = f"Reading {counted(len(retrieved.passages), 'passage')}"
    else:
        doing = ""
    said = "".join(
        _sentence(item, "".join(f'<span class="kg-chip">{n}</span>' for n in item.citations))
        for item in written
    )
    understood = retrieved.question if retrieved else ""
    return (
        f'<section class="kg-turn" aria-busy="true">{_question(question, understood)}'
        f'<div class="kg-answer kg-pending">{said}<span class="kg-waiting">{doing}</span></div>'
        "</section>"
    )


def _turn(index: int, turn: Turn) -> str:
    if turn.answer is None:
        body = notice(turn.failure or "This question was not answered.")
        return f'<section class="kg-turn">{_question(turn.question)}{body}</section>'
    asked = _question(turn.question, turn.answer.understood)
    return f'<section class="kg-turn">{asked}{_answer(index, turn.answer)}</section>'


def _question(question: str, understood: str = "") -> str:
    asked = f'<div class="kg-question"><bdi>{escape(question)}</bdi></div>'
    if not understood or understood.split() == question.split():
        return asked
    return f'{asked}<p class="kg-understood">Understood as: <bdi>{escape(understood)}</bdi></p>'


def _answer(index: int, answer: Answer) -> str:
    told = f'<p class="kg-note" role="note">{escape(answer.notice)}</p>' if answer.notice else ""
    if answer.abstained:
        told += f'<div class="kg-answer kg-abstained">{escape(answer.why or _DECLINED)}</div>'
    return f"{told}{_said(index, answer)}{_nearest(index, answer)}"


def _said(index: int, answer: Answer) -> str:
    """Return the sentences, struck ones among them, and a card for each source."""
    if not answer.sentences:
        return ""
    sources = {source.n: source for source in answer.citations}
    text = "".join(_sentence(item, _chips(index, item, sources)) for item in answer.sentences)
    # What is quoted stands in the answer already, word for word: its cards show the facts in it.
    about = _facts if answer.mode == "quote" else _quotation
    cards = "".join(
        _card(f"{index}:{source.n}", "cite", str(source.n), source, about(source))
        for source in answer.citations
    )
    how = f'{_HOW[answer.mode]} · <span class="kg-seconds">{answer.seconds:.1f} s</span>'
    return (
        f'<div class="kg-answer" dir="auto">{text}</div><p class="kg-how">{how}</p>'
        f'<ol class="kg-cards">{cards}</ol>'
    )


def _sentence(sentence: Sentence, chips: str) -> str:
    """Return a sentence with its chips; below it, if its sources do not bear it out, why."""
    said = _highlighted(sentence)
    if sentence.supported:
        return f'<span class="kg-sentence">{said}{chips}</span> '
    said = f"<span>{said}</span>" if sentence.stands else f"<s>{said}</s>"
    why = f": {escape(sentence.reason)}" if sentence.reason else ""
    return (
        f'<div class="kg-sentence kg-doubted kg-is-{sentence.verdict}">{said}{chips}'
        f'<p class="kg-verdict"><strong>{_VERDICTS[sentence.verdict]}</strong>{why}</p></div>'
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


def _chips(index: int, sentence: Sentence, sources: Mapping[int, Citation]) -> str:
    return "".join(_chip(index, sources[n]) for n in sentence.citations if n in sources)


def _chip(index: int, source: Citation) -> str:
    where = f"{source.document_name}{'' if source.page is None else f', p. {source.page}'}"
    return (
        f'<button type="button" class="kg-chip" data-cite="{index}:{source.n}" '
        f'title="{escape(where)}" aria-label="Source {source.n}">{source.n}</button>'
    )


def _card(target: str, kind: str, mark: str, source: Citation | RankedPassage, about: str) -> str:
    return (
        f'<li><button type="button" class="kg-card" data-{kind}="{target}">'
        f'<span class="kg-card-head"><span class="kg-chip">{mark}</span>'
        f'<bdi class="kg-name">{escape(source.document_name)}</bdi>{place(source.page)}</span>'
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


def _nearest(index: int, answer: Answer) -> str:
    """Return what comes nearest to an answer, where there is none."""
    cards = "".join(
        _card(f"{index}:{rank}", "passage", "·", passage, _quotation(passage))
        for rank, passage in enumerate(answer.nearest)
    )
    near = f'<p class="kg-how">The nearest passages</p><ol class="kg-cards">{cards}</ol>'
    return near if cards else ""

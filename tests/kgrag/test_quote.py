"""What is quoted, what is declined, and where the answer stands out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexes.scope import Filter
from indexes.view import view
from kgrag import KnowledgeBase
from kgrag.answer import judge
from kgrag.question import understand
from kgrag.quote import Quotable, choose, sufficiency
from kgrag.retrieve import link_question, rank_passages
from kgrag.sentence_model import load_model

TEXTS = {
    "exchange.txt": "Warsaw's first stock exchange was established in 1817 and traded until the "
    "war. It was opened again in April 1991 by President Lech Wałęsa. Today 374 companies are "
    "listed there.",
    "bridge.txt": "The Hartley Bridge was built by the engineer Ada Moreau in Lyon in 1902. It is "
    "214 metres long and carries two roads. A flood damaged its middle arch.",
    "copy.txt": "The Hartley Bridge was built by the engineer Ada Moreau in Lyon in 1902.",
    "мост.txt": "Мост Хартли построила инженер Ада Моро в Лионе в 1902 году. Его длина 214 метров. "
    "Наводнение повредило среднюю арку.",
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("quotes")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(folder / "library") as opened:
        opened.add([folder / name for name in TEXTS])
        yield opened


def judged(kb: KnowledgeBase, text: str, *documents: str) -> list[Quotable]:
    question = understand(text)
    with view(kb.library, Filter(documents=documents)) as seen:
        named = link_question(seen, question)
        return judge(seen, question, named, rank_passages(seen, kb.embedder, question, named))


def stands_out(kb: KnowledgeBase, item: Quotable) -> str | None:
    if item.span is None:
        return None
    document = kb.library.documents.get(item.passage.document_id)
    return document.text[item.span[0] : item.span[1]]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When was the Hartley Bridge built?", "1902"),
        ("Who built the Hartley Bridge?", "Ada Moreau"),
        ("How many metres long is the Hartley Bridge?", "214"),
        ("Когда построили мост Хартли?", "1902"),
        ("Кто построил мост Хартли?", "Ада Моро"),
    ],
)
def test_the_answer_stands_out_inside_the_best_sentence(
    kb: KnowledgeBase, question: str, answer: str
) -> None:
    best = judged(kb, question)[0]
    found = stands_out(kb, best)
    assert found is not None and answer in found
    assert best.span is not None and best.start <= best.span[0] < best.span[1] <= best.end


def test_nothing_stands_out_where_no_kind_of_thing_is_asked_for(kb: KnowledgeBase) -> None:
    assert all(item.span is None for item in judged(kb, "Describe the Hartley Bridge"))


def test_what_the_question_names_itself_does_not_stand_out(kb: KnowledgeBase) -> None:
    found = [stands_out(kb, item) for item in judged(kb, "When after 1817 was trading resumed?")]
    assert "1817" not in found


def test_probabilities_share_out_the_sufficiency(kb: KnowledgeBase) -> None:
    found = judged(kb, "When was the Hartley Bridge built?")
    assert 0 < sufficiency(found) <= 1
    assert sum(item.probability for item in found) == pytest.approx(sufficiency(found))
    assert [item.probability for item in found] == sorted(
        (item.probability for item in found), reverse=True
    )


def test_a_question_that_is_answered_suffices_more_than_one_that_is_not(kb: KnowledgeBase) -> None:
    answered = sufficiency(judged(kb, "When was the Hartley Bridge built?"))
    assert answered > load_model().threshold > 0
    assert sufficiency(judged(kb, "Which bank insured the Kestrel submarine?")) < answered
    assert choose(judged(kb, "Which bank insured the Kestrel submarine?")) == []


def test_without_sentences_nothing_suffices() -> None:
    assert sufficiency([]) == 0.0
    assert choose([]) == []


def test_the_same_sentence_of_two_documents_is_quoted_once(kb: KnowledgeBase) -> None:
    chosen = choose(judged(kb, "Who built the Hartley Bridge?"))
    texts = [item.text for item in chosen]
    assert sum("Ada Moreau" in text for text in texts) == 1


def test_a_sentence_that_states_no_further_fact_is_quoted_only_if_it_says_much_else(
    kb: KnowledgeBase,
) -> None:
    best = judged(kb, "Who built the Hartley Bridge?")[0]
    fact = frozenset([("bridge", "P84", "moreau")])
    first = replace(best, states=fact, probability=0.8)
    text = "The engineer Ada Moreau built the Hartley Bridge, people recall fondly."
    again = replace(best, text=text, states=fact, probability=0.7)
    assert len(choose([first, again])) == 1
    assert len(choose([first, replace(again, states=frozenset())])) == 2


def test_no_more_sentences_are_quoted_than_asked_for(kb: KnowledgeBase) -> None:
    found = judged(kb, "When was the Hartley Bridge built?")
    assert len(choose(found, limit=1)) == 1


def test_the_order_of_adding_changes_no_judgement(kb: KnowledgeBase, tmp_path: Path) -> None:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(tmp_path / "library") as other:
        other.add([tmp_path / name for name in reversed(TEXTS)])
        one, two = (
            judged(each, "When was the Hartley Bridge built?", "bridge.txt") for each in (kb, other)
        )
    assert [item.text for item in one] == [item.text for item in two]
    assert [item.probability for item in one] == pytest.approx([item.probability for item in two])

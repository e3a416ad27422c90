"""SQuAD, XQuAD, HotpotQA, 2WikiMultiHopQA and MuSiQue in the forms in which they are published."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from eval.sets.files import FileNames
from eval.sets.questions import Expected, QuestionSet
from eval.sets.reading import read_questions
from indexes.errors import ConfigError

PARAGRAPH = "Basel lies on the Rhine. Euler was born in Basel in 1707. He left it at twenty."


def put(folder: Path, record: object, name: str = "set.json") -> QuestionSet:
    path = folder / name
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return read_questions(str(path), data=None)


def squad(*questions: dict[str, Any], context: str = PARAGRAPH) -> dict[str, Any]:
    paragraphs = [{"context": context, "qas": list(questions)}]
    return {"version": "v2.0", "data": [{"title": "Leonhard_Euler", "paragraphs": paragraphs}]}


def asked(id_: str, answer: str, start: int) -> dict[str, Any]:
    return {"id": id_, "question": "When?", "answers": [{"text": answer, "answer_start": start}]}


def test_a_paragraph_of_squad_is_a_document_and_the_sentence_of_the_answer_the_quote(
    tmp_path: Path,
) -> None:
    found = put(tmp_path, squad(asked("a", "1707", PARAGRAPH.index("1707"))))
    (question,) = found.questions
    assert found.texts == {"Leonhard_Euler-1.txt": f"{PARAGRAPH}\n"}
    assert question.evidence == (
        Expected("Leonhard_Euler-1.txt", None, "Euler was born in Basel in 1707."),
    )
    assert question.answers == ("1707",)


def test_a_second_place_of_an_answer_is_not_taken_for_the_first(tmp_path: Path) -> None:
    found = put(tmp_path, squad(asked("a", "Basel", PARAGRAPH.rindex("Basel"))))
    assert found.questions[0].evidence[0].quote == "Euler was born in Basel in 1707."


def test_a_wrong_offset_is_mended_by_looking_for_the_answer(tmp_path: Path) -> None:
    found = put(tmp_path, squad(asked("a", "twenty", 3)))
    assert found.questions[0].evidence[0].quote == "He left it at twenty."


def test_an_impossible_question_of_squad_2_is_not_answerable(tmp_path: Path) -> None:
    impossible = {
        "id": "b", "question": "Who?", "answers": [], "is_impossible": True,
        "plausible_answers": [{"text": "Euler", "answer_start": 25}],
    }  # fmt: skip
    found = put(tmp_path, squad(asked("a", "1707", 49), impossible))
    assert [question.answerable for question in found.questions] == [True, False]
    assert found.questions[1].answers == ()


def test_what_is_wrong_in_squad_is_told_by_its_place_and_the_rest_is_read(tmp_path: Path) -> None:
    record = squad({"id": "x"}, asked("a", "1707", 49), asked("a", "1707", 49))
    record["data"].append({"title": "Empty"})
    found = put(tmp_path, record)
    assert len(found.questions) == 1
    assert found.skipped == (
        "article 1, paragraph 1, question 1: lacks 'question'",
        "article 1, paragraph 1, question 3: the id “a” is another question's too",
        "article 2: has no paragraphs",
    )


def hotpot(id_: str, facts: list[list[Any]], **more: object) -> dict[str, Any]:
    context = [
        ["Leonhard Euler", ["Euler was born in Basel.", " He died in 1783."]],
        ["AC/DC", ["A band.", "From Sydney."]],
    ]
    return {
        "_id": id_, "question": "Where?", "answer": "Basel", "type": "bridge",
        "supporting_facts": facts, "context": context, **more,
    }  # fmt: skip


def test_supporting_sentences_are_quotes_and_each_title_is_a_document_once(tmp_path: Path) -> None:
    facts = [["Leonhard Euler", 0], ["AC/DC", 1]]
    found = put(tmp_path, [hotpot("a", facts), hotpot("b", facts[:1])])
    assert found.texts == {
        "Leonhard Euler.md": "# Leonhard Euler\n\nEuler was born in Basel. He died in 1783.\n",
        "AC_DC.md": "# AC/DC\n\nA band. From Sydney.\n",
    }
    first, second = found.questions
    assert first.evidence == (
        Expected("Leonhard Euler.md", None, "Euler was born in Basel."),
        Expected("AC_DC.md", None, "From Sydney."),
    )
    assert (first.kind, len(second.evidence)) == ("bridge", 1)


def test_one_title_with_two_texts_is_two_documents(tmp_path: Path) -> None:
    other = hotpot("b", [["AC/DC", 0]], context=[["AC/DC", ["A current."]]])
    found = put(tmp_path, [hotpot("a", [["AC/DC", 0]]), other])
    assert [question.evidence[0].document for question in found.questions] == [
        "AC_DC.md",
        "AC_DC-2.md",
    ]


def test_a_fact_outside_its_paragraph_needs_the_document_alone(tmp_path: Path) -> None:
    found = put(tmp_path, [hotpot("a", [["AC/DC", 7]])])
    assert found.questions[0].evidence == (Expected("AC_DC.md"),)


def test_a_question_of_hotpotqa_without_answer_is_told_by_its_number(tmp_path: Path) -> None:
    record = hotpot("b", [])
    del record["answer"]
    found = put(tmp_path, [hotpot("a", [["AC/DC", 0]]), record, hotpot("c", [["Bach", 0]]), 7])
    assert [line.partition(":")[0] for line in found.skipped] == ["line 2", "line 3", "line 4"]
    assert "“Bach”, which is not in its context" in found.skipped[1]


def musique(id_: str, *, answerable: bool, support: bool = True) -> dict[str, Any]:
    paragraphs = [
        {"idx": 0, "title": "Euler", "paragraph_text": "A man. Born in Basel.",
         "is_supporting": support},
        {"idx": 1, "title": "Euler", "paragraph_text": "A crater.", "is_supporting": False},
    ]  # fmt: skip
    return {
        "id": id_, "paragraphs": paragraphs, "question": f"Where {id_}?", "answer": "Basel",
        "question_decomposition": [{"id": 1, "answer": "Basel", "paragraph_support_idx": 0}],
        "answer_aliases": ["Basle"], "answerable": answerable,
    }  # fmt: skip


def test_musique_is_read_from_json_lines_with_the_sentence_of_each_step(tmp_path: Path) -> None:
    records = [
        musique("2hop__1_2", answerable=True),
        musique("2hop__1_2", answerable=False, support=False),
        musique("3hop1__1_2_3", answerable=False, support=False),
    ]
    path = tmp_path / "musique_full.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    found = read_questions(str(path), data=None)
    first, second = found.questions
    assert first.answers == ("Basel", "Basle")
    assert first.evidence == (Expected("Euler.md", None, "Born in Basel."),)
    assert (first.kind, second.kind, second.answerable) == ("2hop", "3hop", False)
    assert set(found.texts) == {"Euler.md", "Euler-2.md"}
    assert "1 unanswerable questions" in found.skipped[0]


def test_a_file_cut_short_is_refused_with_the_line_that_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text(json.dumps([hotpot("a", [["AC/DC", 0]])])[:-40], encoding="utf-8")
    with pytest.raises(ConfigError, match=r"cut\.json holds nothing .* line 1: is no JSON"):
        read_questions(str(path), data=None)


def test_thousands_of_passages_are_read_in_about_a_second(tmp_path: Path) -> None:
    records = [
        hotpot(
            f"{n}",
            [[f"Title {n}", 0]],
            context=[[f"Title {n}", [PARAGRAPH] * 4], [f"Other {n}", [PARAGRAPH] * 4]],
        )
        for n in range(3_000)
    ]
    path = tmp_path / "many.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    begun = time.process_time()
    found = read_questions(str(path), data=None)
    assert len(found.texts) == 6_000
    assert time.process_time() - begun < 3


@pytest.mark.parametrize("title", ["../../etc/passwd", "a" * 300, "CON?", "\x00", " . ", "Ы" * 200])
def test_no_title_makes_a_name_that_leaves_its_folder_or_is_none(
    title: str, tmp_path: Path
) -> None:
    names = FileNames("md")
    first, second = names.give(title), names.give(title.upper())
    assert first.casefold() != second.casefold()
    for name in (first, second):
        (tmp_path / name).write_text("x", encoding="utf-8")
        assert (tmp_path / name).resolve().parent == tmp_path.resolve()

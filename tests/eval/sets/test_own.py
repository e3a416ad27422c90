import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.drafts.drafting import write_questions
from eval.sets.columns import column_of
from eval.sets.questions import Expected, Question
from eval.sets.reading import read_questions
from indexes.errors import ConfigError
from tests.fakes import ROOT

TABLE = (
    "id,question,answer,document,page,quote,answerable,kind\n"
    "1,Where was Euler born?,Basel | Bâle,euler.pdf,1,born in Basel,,single\n"
    "2,What did Euler eat?,,,,,no,\n"
)


def put(folder: Path, content: str | bytes, name: str = "mine.csv") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def read(folder: Path, content: str | bytes, name: str = "mine.csv") -> tuple[Question, ...]:
    found = read_questions(put(folder, content, name), data=None)
    assert found.skipped == ()
    return found.questions


def test_a_table_is_read_with_answers_evidence_and_what_has_no_answer(tmp_path: Path) -> None:
    found = read_questions(put(tmp_path, TABLE), data=None)
    assert found.name == "mine"
    assert found.licence == "your own"
    assert not found.brings_documents
    assert found.checksum.startswith("sha256:")
    assert found.questions == (
        Question(
            "1",
            "Where was Euler born?",
            ("Basel", "Bâle"),
            (Expected("euler.pdf", 1, "born in Basel"),),
            kind="single",
        ),
        Question("2", "What did Euler eat?", answerable=False),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_russian_columns_are_read_whatever_delimiter_and_encoding(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    rows = [
        ["Вопрос", "ОЖИДАЕМЫЙ ОТВЕТ", "Документ", "Страница", "Есть ответ"],
        ["Где родился Леонард Эйлер?", "Базель", "лекции.pdf", "стр. 2", "да"],
        ["Что ел Эйлер на завтрак?", "", "", "", "нет"],
    ]
    table = "\r\n".join(delimiter.join(row) for row in rows)
    first, second = read(tmp_path, table.encode(encoding))
    assert (first.text, first.answers) == ("Где родился Леонард Эйлер?", ("Базель",))
    assert first.evidence == (Expected("лекции.pdf", 2),)
    assert (first.language, second.answerable) == ("ru", False)


def test_a_quoted_cell_may_hold_delimiters_and_line_breaks(tmp_path: Path) -> None:
    table = 'question,answer,document,quote\n"Who, then?",Euler,a.txt,"one\nline, ""two"""\n'
    (question,) = read(tmp_path, table)
    assert question.text == "Who, then?"
    assert question.evidence == (Expected("a.txt", None, 'one\nline, "two"'),)


def test_lines_of_one_question_are_its_pieces_of_evidence(tmp_path: Path) -> None:
    table = (
        "question;answer;document;page\n"
        "Who?;Euler;a.pdf;1\n"
        ";;b.pdf;2\n"
        "When?;1707;c.pdf;\n"
        "who?;Leonhard Euler;d.pdf;\n"
    )
    who, when = read(tmp_path, table)
    assert who.answers == ("Euler", "Leonhard Euler")
    assert who.evidence == (Expected("a.pdf", 1), Expected("b.pdf", 2), Expected("d.pdf"))
    assert when.documents == {"c.pdf"}


def test_ids_stay_when_lines_are_added_above(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "question,answer\nWho?,Euler\n")
    _, two = read(tmp_path, "question,answer\nWhy?,Because\nWho?,Euler\n")
    assert one.id == two.id


MALFORMED = [
    ("Where?,,,,", "expects nothing"),
    ("Where?,Basel,a.pdf,0,", "page is “0”"),
    ("Where?,Basel,a.pdf,3-4,", "page is “3-4”"),
    ("Where?,Basel,,3,", "not the document"),
    ("Where?,Basel,,,perhaps", "answerable is “perhaps”"),
    ("Where?,Basel,,,no", "has no answer, and gives one"),
    ("Where?,Basel,a.pdf,1,yes,more", "has 6 cells under 5 columns"),
    ('"Where?,Basel,,,', "a quotation mark is never closed"),
    ('"Where?" he asked,Basel,,,', "is no row of a table"),
]


@pytest.mark.parametrize(("line", "reason"), MALFORMED)
def test_a_malformed_line_is_named_by_its_number_and_the_rest_is_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    table = f"question,answer,document,page,answerable\nWho?,Euler,,,\n\n{line}\nWhen?,1707,,,\n"
    found = read_questions(put(tmp_path, table), data=None)
    assert [question.text for question in found.questions] == ["Who?", "When?"]
    (told,) = found.skipped
    assert told.startswith("line 4: ")
    assert reason in told


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"question": "Where?"', "is no JSON"),
        ('["Where?"]', "is no JSON object"),
        ('{"question": ["Where?"], "answer": "x"}', "where a text belongs"),
        ('{"answer": "Basel", "id": "9"}', "has no question"),
        ('{"id": "1", "question": "Where?", "answer": "x"}', "of another question"),
        ('{"question": "Where?", "evidence": "a.pdf"}', "no list of objects"),
        ('{"question": "Where?", "answers": [{"a": 1}]}', "no list of texts"),
        ('{"id": "1", "answerable": false}', "says the opposite of line 1"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_a_malformed_object_is_named_by_its_line_and_the_rest_is_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    first = '{"id": "1", "question": "Who?", "answer": "Euler", "answerable": true}'
    last = '{"question": "When?", "answers": ["1707", "in | 1707"]}'
    found = read_questions(put(tmp_path, f"{first}\n{line}\n{last}\n", "m.jsonl"), data=None)
    assert [question.text for question in found.questions] == ["Who?", "When?"]
    assert found.questions[1].answers == ("1707", "in | 1707")
    (told,) = found.skipped
    assert told.startswith("line 2: ")
    assert reason in told


def test_unknown_columns_are_told_and_the_questions_are_read(tmp_path: Path) -> None:
    found = read_questions(put(tmp_path, "question,answer,Author\nWho?,Euler,me\n"), data=None)
    assert len(found.questions) == 1
    assert "“Author”" in found.skipped[0]
    assert "answerable" in found.skipped[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("question,answer\nWho?,\nWhen?,\n", "line 2: expects nothing"),
        ("query?,reply\nWho?,Euler\n", "names no column “question”"),
        ("", "is empty"),
        ("question,answer\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "is no text"),
    ],
)
def test_a_file_of_which_nothing_is_left_is_refused_with_the_reason(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    with pytest.raises(ConfigError, match="mine.csv") as refused:
        read_questions(put(tmp_path, content), data=None)
    assert reason in str(refused.value)


def test_a_json_list_is_read_like_json_lines(tmp_path: Path) -> None:
    records = [{"question": "Who?", "answer": "Euler"}, {"question": "When?", "answer": 1707}]
    questions = read(tmp_path, json.dumps(records), "m.json")
    assert [question.answers for question in questions] == [("Euler",), ("1707",)]


def test_a_table_of_unclosed_quotation_marks_is_read_in_time(tmp_path: Path) -> None:
    lines = [f'"Who {n},Euler' for n in range(3_000)]
    table = "\n".join(["question,answer", *lines, "When?,1707"])
    found = read_questions(put(tmp_path, table), data=None)
    assert found.questions[-1].text.startswith("When?")
    assert len(found.skipped) >= 2_999


def test_what_the_documentation_shows_is_read_without_complaint(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "evaluation-sets.md").read_text(encoding="utf-8")
    blocks = [block for block in page.split("\n\n") if block.startswith("    ")]
    table, objects = (
        "\n".join(line.removeprefix("    ") for line in block.split("\n")) for block in blocks[:2]
    )
    euler, breakfast = read(tmp_path, table)
    assert (euler.answers, breakfast.answerable) == (("Basel", "Bâle"), False)
    (wife,) = read(tmp_path, objects, "m.jsonl")
    assert wife.evidence[0].page == 2
    rows = [row for row in page.split("\n") if row.startswith("| `")]
    for cell in (cell for row in rows for cell in row.split(" | ")[:2]):
        for name in (part for part in cell.split("`")[1::2]):
            assert column_of(name), name


_words = st.text(min_size=1, max_size=30).filter(str.strip)
_names = _words.map(str.strip)
_pieces = st.builds(
    Expected, _names, st.none() | st.integers(1, 10**6), st.just("") | st.text(max_size=40)
)
_questions = st.builds(
    Question,
    id=_names,
    text=_words,
    answers=st.lists(_words, max_size=3, unique=True).map(tuple),
    evidence=st.lists(_pieces, max_size=3, unique=True).map(tuple),
    answerable=st.just(True),
    kind=st.just("") | _names,
    language=st.sampled_from(["en", "ru"]),
    wrong=st.lists(_words, max_size=2, unique=True).map(tuple),
)
_unanswerable = st.builds(Question, id=_names, text=_words, answerable=st.just(False))


@settings(deadline=None, max_examples=150)
@given(st.lists(_questions | _unanswerable, min_size=1, max_size=5, unique_by=lambda q: q.id))
def test_what_is_written_is_read_back_as_it_was(questions: list[Question]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drafts.jsonl"
        write_questions(questions, path)
        found = read_questions(str(path), data=None)
    assert len({question.id for question in questions}) == len(questions)
    assert found.questions == tuple(questions)
    assert found.skipped == ()

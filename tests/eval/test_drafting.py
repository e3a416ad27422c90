import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from eval.drafts.drafting import SINGLE, TWO_HOP, UNANSWERABLE, draft_questions
from eval.drafts.russian_names import gender_of, is_nominative, nominative_of
from eval.drafts.wordings import DESCRIBED, SAME_PLACE, wordings
from eval.sets.questions import Expected, Question
from indexes.text import language_of
from kgrag import KnowledgeBase
from kgrag.ontology import load_ontology
from tests.eval.stated import Facts, told
from tests.fakes import EXAMPLES, open_knowledge_base

PEOPLE = {
    "Anna Petrova": "person", "Boris Orlov": "person", "Carl Maier": "person",
    "Kolding": "city", "Denmark": "country", "Vienna": "city",
    "Vienna Club": "organization", "4 May 1801": "date", "1850": "date", "1851": "date",
}  # fmt: skip


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(tmp_path_factory.mktemp("examples")) as kb:
        kb.add(EXAMPLES)
        yield kb


def drafts(
    folder: Path, documents: Mapping[str, str], facts: Facts, types: Mapping[str, str] = PEOPLE
) -> list[Question]:
    with told(folder, documents, types, facts) as kb:
        return draft_questions(kb, limit=40, seed=1)


def answerable(folder: Path, text: str, facts: Facts) -> list[str]:
    found = drafts(folder, {"a.txt": text}, facts)
    return sorted(question.text for question in found if question.kind == SINGLE)


def test_a_stated_fact_is_asked_with_its_sentence(tmp_path: Path) -> None:
    text = "It rained.\n\nAnna Petrova was born in Kolding on 4 May 1801. She left."
    facts = [("Anna Petrova", "P19", "Kolding", 0.9), ("Anna Petrova", "P569", "4 May 1801", 0.9)]
    found = {item.text: item for item in drafts(tmp_path, {"a.txt": text}, facts)}
    where = found["Where was Anna Petrova born?"]
    assert where.answers == ("Kolding",)
    assert where.evidence == (
        Expected("a.txt", None, "Anna Petrova was born in Kolding on 4 May 1801."),
    )
    assert found["When was Anna Petrova born?"].answers == ("4 May 1801",)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        # no sentence says so
        ("Anna Petrova wrote from Kolding.", [("Anna Petrova", "P19", "Kolding", 0.99)]),
        # too unsure
        ("Anna Petrova was born in Kolding.", [("Anna Petrova", "P19", "Kolding", 0.2)]),
        # the verb belongs to another clause
        (
            "Anna Petrova saw Kolding, and a child was born.",
            [("Anna Petrova", "P19", "Kolding", 0.9)],
        ),
        # somebody else stands between
        (
            "Anna Petrova wrote that Carl Maier died in 1850.",
            [("Anna Petrova", "P570", "1850", 0.9)],
        ),
        # two sentences disagree
        (
            "Anna Petrova died in 1850. Anna Petrova died in 1851.",
            [("Anna Petrova", "P570", "1850", 0.9), ("Anna Petrova", "P570", "1851", 0.8)],
        ),
        # the question would tell the answer
        ("The Vienna Club in Vienna is old.", [("Vienna Club", "P159", "Vienna", 0.9)]),
    ],
)
def test_what_is_not_stated_plainly_is_not_asked(tmp_path: Path, text: str, facts: Facts) -> None:
    assert answerable(tmp_path, text, facts) == []


def test_words_that_two_facts_claim_are_the_surer_ones(tmp_path: Path) -> None:
    text = "Carl Maier died on 4 May 1801 in a house of Anna Petrova."
    facts = [("Carl Maier", "P570", "4 May 1801", 0.9), ("Anna Petrova", "P570", "4 May 1801", 0.5)]
    assert answerable(tmp_path, text, facts) == ["When did Carl Maier die?"]


def test_a_name_that_may_mean_another_is_not_asked_by(tmp_path: Path) -> None:
    types = PEOPLE | {"Anna": "person"}
    documents = {"a.txt": "Anna died in 1850.", "b.txt": "Anna Petrova was in Vienna."}
    found = drafts(tmp_path, documents, [("Anna", "P570", "1850", 0.9)], types)
    assert [question for question in found if question.kind == SINGLE] == []


def test_two_hops_lead_over_an_entity_that_is_not_named_across_documents(tmp_path: Path) -> None:
    documents = {
        "a.txt": "Anna Petrova was born in Kolding.",
        "b.txt": "The town of Kolding in Denmark is old.",
        "c.txt": "Boris Orlov died in Kolding.",
    }
    facts = [
        ("Anna Petrova", "P19", "Kolding", 0.9),
        ("Kolding", "P17", "Denmark", 0.9),
        ("Boris Orlov", "P20", "Kolding", 0.9),
    ]
    found = {item.text: item for item in drafts(tmp_path, documents, facts)}
    where = found["Where is the city where Anna Petrova was born?"]
    assert where.kind == TWO_HOP
    assert where.answers == ("Denmark",)
    assert where.documents == {"a.txt", "b.txt"}
    who = found["Who died in the place where Anna Petrova was born?"]
    assert who.answers[0] == "Boris Orlov"
    assert who.documents == {"a.txt", "c.txt"}


def test_russian_questions_agree_with_the_name_and_do_not_decline_it(tmp_path: Path) -> None:
    types = {"Мария Орлова": "person", "Казани": "city", "1850 году": "date"}
    text = "Мария Орлова родилась в Казани. Мария Орлова умерла в 1850 году."
    facts = [("Мария Орлова", "P19", "Казани", 0.9), ("Мария Орлова", "P570", "1850 году", 0.9)]
    found = {item.text: item for item in drafts(tmp_path, {"a.txt": text}, facts, types)}
    assert found["Где родилась Мария Орлова?"].answers == ("Казань", "Казани")
    assert found["Когда умерла Мария Орлова?"].language == "ru"


def test_a_relation_that_nobody_states_is_unanswerable_unless_its_words_are_near(
    tmp_path: Path,
) -> None:
    silent = "Anna Petrova lived in Vienna. Anna Petrova liked it."
    spoken = silent + "\n\nLong ago Petrova got married, died and studied; a prize, a birth, born."
    asked = [question for question in drafts(tmp_path / "1", {"a.txt": silent}, [])]
    assert [(item.kind, item.answerable, item.answers) for item in asked] == [
        (UNANSWERABLE, False, ())
    ]
    assert "Anna Petrova" in asked[0].text
    assert drafts(tmp_path / "2", {"a.txt": spoken}, []) == []


def test_what_the_graph_states_is_not_unanswerable_in_whatever_words(tmp_path: Path) -> None:
    text = "Anna Petrova and Boris Orlov came to Vienna. Anna Petrova and Boris Orlov left."
    silent = drafts(tmp_path / "1", {"a.txt": text}, [])
    assert any("married" in question.text for question in silent)
    stated = drafts(tmp_path / "2", {"a.txt": text}, [("Anna Petrova", "P26", "Boris Orlov", 0.9)])
    assert len(stated) == len(silent) == 2
    assert not any("married" in question.text for question in stated)


def test_a_library_with_nothing_in_it_gives_no_question(tmp_path: Path) -> None:
    with open_knowledge_base(tmp_path, chroma=False) as kb:
        assert draft_questions(kb, limit=10, seed=1) == []


def test_drafts_of_the_examples_are_the_same_each_time_and_vary(examples: KnowledgeBase) -> None:
    once, again = (draft_questions(examples, limit=40, seed=1) for _ in range(2))
    assert once == again
    assert len({question.id for question in once}) == len(once)
    assert 30 <= len(once) <= 40
    assert {item.kind for item in once} == {SINGLE, TWO_HOP, UNANSWERABLE}
    assert {item.language for item in once} == {"en", "ru"}
    assert len({name for item in once for name in item.documents}) >= 8
    assert len(draft_questions(examples, limit=5, seed=1)) == 5


def test_drafts_of_the_examples_stand_in_their_documents(examples: KnowledgeBase) -> None:
    for question in draft_questions(examples, limit=60, seed=2):
        assert bool(question.evidence) == bool(question.answers) == question.answerable
        assert not any(
            f" {answer.lower()}?" in question.text.lower() for answer in question.answers
        )
        for piece in question.evidence:
            document = examples.document(piece.document)
            text = " ".join(document.text.split())
            assert piece.quote in text
            if document.pages:
                assert piece.page is not None
        if question.kind == SINGLE:
            assert language_of(question.evidence[0].quote) == question.language


def test_unanswerable_drafts_have_no_fact_in_the_graph(examples: KnowledgeBase) -> None:
    checked = 0
    for question in draft_questions(examples, limit=60, seed=3):
        if question.kind != UNANSWERABLE:
            continue
        for relation, known in wordings(question.language).items():
            for text in (known[0].masculine, known[0].feminine):
                before, after = text.split("{}")
                if question.text.startswith(before) and question.text.endswith(after):
                    name = question.text.removeprefix(before).removesuffix(after)
                    stated = {fact.relation for fact in examples.facts(name)}
                    assert relation not in stated
                    checked += 1
    assert checked >= 8


def test_every_wording_is_of_a_relation_and_has_one_place_for_the_name() -> None:
    relations = load_ontology().relation_types
    for language in ("en", "ru"):
        for name, known in wordings(language).items():
            assert relations[name].canonical
            for wording in known:
                for text in (wording.masculine, wording.feminine):
                    assert text.count("{}") == 1
                    assert re.fullmatch(r"[^\[\]|]+\?", text)
                assert wording.types <= set(load_ontology().entity_types)
        for relation, end in DESCRIBED[language]:
            assert any(wording.asked == end for wording in wordings(language)[relation])
        assert SAME_PLACE[language].keys() <= wordings(language).keys()


@pytest.mark.parametrize(
    ("name", "nominative", "gender"),
    [
        ("Леонард Эйлер", True, "masc"), ("Леонарда Эйлера", False, None),
        ("Екатерина Дашкова", True, "femn"), ("Екатерины Дашковой", False, None),
        ("Петербургская академия наук", True, None), ("Петербургской академии наук", False, None),
        ("Павел I", True, "masc"), ("Euler", True, None),
    ],
)  # fmt: skip
def test_names_are_told_apart_by_case_and_gender(
    name: str, nominative: bool, gender: str | None
) -> None:
    assert is_nominative(name) is nominative
    if nominative:
        assert gender_of(name) == gender


def test_a_name_is_put_into_the_nominative_only_where_that_is_sure() -> None:
    assert nominative_of("Москве") == "Москва"
    assert nominative_of("Эдинбургском университете") == "Эдинбургский университет"
    assert nominative_of("Ферне") is None
    assert nominative_of("Академии наук") is None

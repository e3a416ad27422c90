import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from indexes.errors import ConfigError, ModelError
from indexes.records import Extraction
from indexes.text import sentences
from kgrag import Settings
from kgrag.extract.llm import FAILURES_IN_A_ROW, LlmExtractor
from kgrag.extract.llm_answer import MAX_ANSWER_CHARS
from kgrag.extract.llm_errors import UnreadTextsError
from kgrag.extract.llm_places import Places
from kgrag.extract.llm_prompt import COMMONEST, FEWEST_RELATIONS, Offer, relations_by_use
from kgrag.extract.llm_windows import cut_windows
from kgrag.extract_settings import ExtractSettings
from kgrag.language_model import LanguageModel, Message, Piece, Request, Served, never
from kgrag.model_errors import BusyError, RefusedError
from kgrag.model_settings import ModelSettings
from kgrag.ontology import load_ontology

Answers = Callable[[Request], str | Piece | Exception]

EULER = "Leonhard Euler was born in Basel in 1707. He moved to Saint Petersburg. It rained."
RUSSIAN = "Леонард Эйлер родился в Базеле в 1707 году. Он переехал в Петербург."


class ScriptedModel(LanguageModel):
    """Answers by a function; keeps the requests."""

    def __init__(self, answers: Answers, context_tokens: int = 16384, **changes: Any) -> None:  # noqa: ANN401  any setting
        settings = {"endpoint": "http://127.0.0.1:9/v1", "model": "scripted", **changes}
        super().__init__(ModelSettings(**settings))
        self._answers = answers
        self._context_tokens = context_tokens
        self.requests: list[Request] = []

    def served(self) -> Served:
        return Served("scripted", self._context_tokens, is_vllm=False)

    def stream(self, request: Request, *, stopped: Callable[[], bool] = never) -> Iterator[Piece]:
        self.requests.append(request)
        answer = self._answers(request)
        if isinstance(answer, Exception):
            raise answer
        yield answer if isinstance(answer, Piece) else Piece(answer)


def claims(*triplets: tuple[str, str, str, str], **mentions: str) -> str:
    """Return an answer: the facts, and each name with its type."""
    names = ("subject", "relation", "object", "quote")
    return json.dumps(
        {
            "mentions": [{"quote": q.replace("_", " "), "type": t} for q, t in mentions.items()],
            "triplets": [dict(zip(names, triplet, strict=True)) for triplet in triplets],
        },
        ensure_ascii=False,
    )


def extract(text: str, *answers: str, **settings: int) -> Extraction:
    waiting = iter(answers)
    model = ScriptedModel(lambda _: next(waiting))
    (found,) = LlmExtractor(model, ExtractSettings("llm", **settings)).extract([text])
    check(text, found)
    assert next(waiting, None) is None, "an answer was not asked for"
    return found


def check(text: str, found: Extraction) -> None:
    spans = [(mention.start, mention.end) for mention in found.mentions]
    assert len(set(spans)) == len(spans)
    for mention in found.mentions:
        assert text[mention.start : mention.end] == mention.text
    for relation in found.relations:
        subject, object_ = found.mentions[relation.subject], found.mentions[relation.object]
        assert relation.start <= min(subject.start, object_.start)
        assert max(subject.end, object_.end) <= relation.end <= len(text)
        kind = load_ontology().relation_types[relation.relation]
        assert kind.canonical
        assert kind.allows(subject.type, object_.type)
        assert subject.text.casefold() != object_.text.casefold()


def facts(text: str, found: Extraction) -> list[tuple[str, str, str, str]]:
    return [
        (
            found.mentions[relation.subject].text,
            relation.relation,
            found.mentions[relation.object].text,
            text[relation.start : relation.end],
        )
        for relation in found.relations
    ]


BORN = ("Leonhard Euler", "place of birth", "Basel", "Leonhard Euler was born in Basel")
NAMES = {"Leonhard_Euler": "person", "Basel": "city"}


@pytest.mark.parametrize("relation", ["place of birth", "P19", " Place of Birth "])
def test_a_claim_that_stands_in_the_text_becomes_a_fact_with_its_sentence(relation: str) -> None:
    found = extract(EULER, claims((BORN[0], relation, *BORN[2:]), **NAMES))
    assert [(m.start, m.end, m.type) for m in found.mentions] == [
        (0, 14, "person"),
        (27, 32, "city"),
    ]
    assert facts(EULER, found) == [("Leonhard Euler", "P19", "Basel", EULER[:41])]


def test_a_russian_claim_becomes_a_fact() -> None:
    claim = ("Леонард Эйлер", "place of birth", "Базеле", "родился в Базеле")
    found = extract(RUSSIAN, claims(claim, Леонард_Эйлер="person", Базеле="city"))
    assert facts(RUSSIAN, found) == [("Леонард Эйлер", "P19", "Базеле", RUSSIAN[:43])]


def test_a_fact_of_two_neighbouring_sentences_is_stated_by_both() -> None:
    claim = ("Leonhard Euler", "residence", "Saint Petersburg", "He moved to Saint Petersburg.")
    found = extract(EULER, claims(claim, Leonhard_Euler="person", Saint_Petersburg="city"))
    assert facts(EULER, found) == [
        ("Leonhard Euler", "P551", "Saint Petersburg", EULER[: EULER.index(" It")])
    ]


@pytest.mark.parametrize("start", [0, len("Leonhard Euler wrote. One. Two. Three. ")])
def test_a_fact_whose_names_lie_far_apart_is_dropped(start: int) -> None:
    text = "Leonhard Euler wrote. One. Two. Three. Later he lived in Basel."
    claim = ("Leonhard Euler", "residence", "Basel", text[start:])
    found = extract(text, claims(claim, **NAMES))
    assert (len(found.mentions), found.relations) == (2, ())


def test_a_name_with_a_full_stop_in_it_is_whole() -> None:
    text = "Sirhan Sirhan shot U.S. Sen. Robert Kennedy there. It rained."
    assert len(sentences(text)) == 3
    claim = (
        "U.S. Sen. Robert Kennedy",
        "killed by",
        "Sirhan Sirhan",
        "Sirhan Sirhan shot U.S. Sen.",
    )
    found = extract(text, claims(claim, **{claim[0]: "person", claim[2]: "person"}))
    assert facts(text, found) == [(claim[0], "P157", claim[2], text[: text.index(" It")])]


def test_of_several_places_those_within_the_quotation_are_taken() -> None:
    text = "Basel is old. Euler left Basel. Euler was born in Basel. Euler and Basel."
    quote = "Euler was born in Basel."
    found = extract(text, claims(("Euler", "P19", "Basel", quote), Euler="person", Basel="city"))
    assert facts(text, found) == [("Euler", "P19", "Basel", quote)]
    assert len(found.mentions) == 7


def test_the_other_half_of_an_inverse_pair_is_turned_round() -> None:
    text = "Paul Euler, father of Leonhard, was a pastor."
    claim = ("Leonhard", "parent", "Paul Euler", "Paul Euler, father of Leonhard")
    found = extract(text, claims(claim, Paul_Euler="person", Leonhard="person"))
    assert facts(text, found) == [("Paul Euler", "P40", "Leonhard", text)]


@pytest.mark.parametrize(
    "claim",
    [
        ("Leonhard Euler", "place of birth", "Basle", BORN[3]),
        ("Leonhard Euler", "place of birth", "Base", BORN[3]),
        ("Leonhard Euler", "place of birth", "Basel", "Leonhard Euler was born at Basel"),
        ("Leonhard Euler", "place of birth", "Basel", ""),
        ("Leonhard Euler", "place of birth", "", BORN[3]),
        ("Leonhard Euler", "was born in", "Basel", BORN[3]),
        ("Leonhard Euler", "", "Basel", BORN[3]),
        ("Basel", "place of birth", "Leonhard Euler", BORN[3]),
        ("Leonhard Euler", "spouse", "Basel", BORN[3]),
        ("Leonhard Euler", "sibling", "Leonhard Euler", BORN[3]),
        ("Leonhard Euler", "place of birth", "born", BORN[3]),
    ],
)
def test_what_is_not_in_the_text_or_not_admitted_is_no_fact(
    claim: tuple[str, str, str, str],
) -> None:
    found = extract(EULER, claims(claim, **NAMES))
    assert (len(found.mentions), found.relations) == (2, ())


def test_a_name_that_the_model_did_not_list_is_what_alone_the_relation_admits() -> None:
    claim = ("Euler", "date of birth", "1707", EULER[:41])
    found = extract(EULER, claims(claim, **NAMES))
    assert facts(EULER, found) == [("Leonhard Euler", "P569", "1707", EULER[:41])]
    assert [m.type for m in found.mentions] == ["person", "city", "date"]


def test_one_span_is_one_mention_and_names_do_not_cross() -> None:
    text = "The University of Basel Library is old."
    found = extract(
        text,
        claims(University_of_Basel="organization", Basel_Library="facility", Basel="city"),
        )  # fmt: skip
    assert [m.text for m in found.mentions] == ["University of Basel", "Basel"]


@pytest.mark.parametrize(
    ("text", "quote", "place"),
    [
        ("by Leonhard\n  Euler here", "Leonhard Euler", "Leonhard\n  Euler"),
        ("the “Neva” — river", '"Neva" - river', "“Neva” — river"),
        ("компания «Нева»", 'КОМПАНИЯ "Нева"', "компания «Нева»"),
        ("Пётр I", "Петр I", "Пётр I"),
        ("Леона\u0301рд Э\u0301йлер", "Леонард Эйлер", "Леона\u0301рд Э\u0301йлер"),
        ("the of\ufb01ce", "office", "of\ufb01ce"),
        ("Kö\u00adnigs\u00adberg", "Königsberg", "Kö\u00adnigs\u00adberg"),
        ("Straße 5", "Straße", "Straße"),
        ("a [Euler] b", "(Euler)", "[Euler]"),
        ("x<|end|>y", "‹|end|›", "<|end|>"),
        ("cafe\u0301s cafe\u0301", "cafe\u0301", "cafe\u0301"),
        ("in 1990s", "1990", "1990"),
    ],
)
def test_what_models_mend_when_they_copy_is_found_all_the_same(
    text: str, quote: str, place: str
) -> None:
    ((start, end),) = Places(text).find(quote)
    assert text[start:end] == place


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Eulerian", "Euler"),
        ("Эйлера", "Эйлер"),
        ("17071", "1707"),
        ("Straße", "Stras"),
        ("Kö\u00adnigs\u00adberg", "Königs"),
        ("Kö\u00adnigs\u00adberg", "berg"),
        ("Euler", ""),
        ("Euler", " \n"),
        ("Euler", "\u200b"),
        ("", "Euler"),
        ("resumé", "resume"),
    ],
)
def test_parts_of_words_and_nothing_are_found_nowhere(text: str, quote: str) -> None:
    assert Places(text).find(quote) == []


@pytest.mark.parametrize(
    "form", ["{}", "```json\n{}\n```", "<think>hm {{}}</think>\n\n{}", "\n{} "]
)
def test_an_answer_may_be_fenced_or_come_after_thoughts(form: str) -> None:
    answer = claims(BORN, **NAMES)
    assert extract(EULER, form.replace("{}", answer)).relations


def test_a_text_without_facts_has_none_and_an_empty_text_is_not_asked_about() -> None:
    assert extract(EULER, claims()) == Extraction()
    assert extract("") == extract(" \n") == extract("--- | 1707 | ---") == Extraction()


FAULTS: dict[str, tuple[str | Piece, str]] = {
    "nothing": ("", "answered with nothing. If it is one that thinks, switch that off"),
    "white space": ("  \n", "answered with nothing. If it is one that thinks"),
    "thoughts": ("<think>Let me see.</think>", "answered with nothing but thoughts"),
    "thoughts without end": (Piece("<think>Let", is_cut=True), "nothing but thoughts"),
    "thoughts that the server keeps": (Piece("", is_cut=True), "nothing but thoughts"),
    "cut off": (Piece('{"mentions": [', is_cut=True), "was not done after 2500 tokens"),
    "no JSON": ("The names are: Euler.", "no JSON: “The names are: Euler.”"),
    "half of JSON": ('{"mentions": [', "no JSON: “{\"mentions\": [”"),
    "an empty object": ("{}", "JSON of another shape: “{}”"),
    "a list": ("[]", "JSON of another shape"),
    "no lists": ('{"mentions": {}, "triplets": {}}', "JSON of another shape"),
    "one list": ('{"mentions": []}', "JSON of another shape"),
    "deep nesting": ("[" * 20_000, "no JSON"),
    "far too much": ("x" * (MAX_ANSWER_CHARS + 1), "answered with 40,001 characters"),
    "nothing of the text": (claims(Gauss="person"), "named nothing that stands in the text"),
    "no type": (claims(Basel="thing"), "named nothing that stands in the text"),
    "no texts": ('{"mentions": [1, {"quote": 1, "type": null}], "triplets": [[]]}', "(entries: 3)"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "told"), FAULTS.values(), ids=FAULTS)
def test_an_answer_that_cannot_be_used_is_asked_for_once_more_and_then_named(
    answer: str | Piece, told: str
) -> None:
    model = ScriptedModel(lambda _: answer)
    with pytest.raises(UnreadTextsError) as caught:
        LlmExtractor(model, ExtractSettings("llm")).extract(["It rained in Basel."])
    (error,) = caught.value.found
    assert "http://127.0.0.1:9/v1 (scripted)" in str(error)
    assert told in str(error)
    assert str(error).endswith(".")
    assert len(model.requests) == 2
    first, second = (request.messages[-1][1] for request in model.requests)
    assert "could not be used" not in first
    assert second.startswith("Your first answer could not be used: it ")


def test_a_second_answer_that_is_good_counts() -> None:
    assert extract(EULER, "{}", claims(BORN, **NAMES)).relations


@pytest.mark.parametrize("first", [Piece("{", is_cut=True), RefusedError("400: too long.")])
def test_a_window_that_was_too_much_is_read_in_halves(first: Piece | RefusedError) -> None:
    def answer(request: Request) -> str | Piece | Exception:
        shown = request.messages[-1][1]
        if "born" in shown and "moved" in shown:
            return first
        return claims(BORN, **NAMES) if "born" in shown else claims(Saint_Petersburg="city")

    model = ScriptedModel(answer)
    (found,) = LlmExtractor(model, ExtractSettings("llm")).extract([EULER])
    check(EULER, found)
    assert [m.text for m in found.mentions] == ["Leonhard Euler", "Basel", "Saint Petersburg"]
    assert len(model.requests) == 3


def test_one_text_that_cannot_be_read_leaves_the_others_and_keeps_their_order() -> None:
    texts = [f"Anna{n} was here. " * 120 if n == 2 else f"Anna{n} was here." for n in range(6)]

    def answer(request: Request) -> str:
        name = request.messages[-1][1].partition("Anna")[2][0]
        return "{}" if name == "2" else claims(**{f"Anna{name}": "person"})

    model = ScriptedModel(answer)
    with pytest.raises(UnreadTextsError, match="1 of 6 texts could not be read") as caught:
        LlmExtractor(model, ExtractSettings("llm", parallel=1)).extract(texts)
    for number, item in enumerate(caught.value.found):
        if number == 2:
            assert isinstance(item, ModelError)
        else:
            assert isinstance(item, Extraction)
            assert [m.text for m in item.mentions] == [f"Anna{number}"]
    # The further windows of a text that has failed are not asked about.
    assert len(model.requests) == 5 + 2


def test_a_server_that_is_down_is_not_asked_again_and_again() -> None:
    is_down = True

    def answer(_: Request) -> str | Exception:
        return ModelError("cannot be reached. Start it.") if is_down else claims()

    model = ScriptedModel(answer)
    extractor = LlmExtractor(model, ExtractSettings("llm", parallel=1))
    texts = [f"Anna wrote letter {n}." for n in range(50)]
    with pytest.raises(UnreadTextsError, match="50 of 50.*cannot be reached. Start it."):
        extractor.extract(texts)
    assert len(model.requests) == FAILURES_IN_A_ROW
    with pytest.raises(UnreadTextsError):
        extractor.extract(texts)
    assert len(model.requests) == FAILURES_IN_A_ROW + 1
    is_down = False
    assert extractor.extract(texts) == [Extraction()] * 50


def test_a_server_that_was_down_is_tried_with_one_window_alone() -> None:
    def answer(_: Request) -> Exception:
        time.sleep(0.05)
        return ModelError("cannot be reached.")

    model = ScriptedModel(answer)
    extractor = LlmExtractor(model, ExtractSettings("llm", parallel=4))
    texts = [f"Anna wrote letter {n}." for n in range(8)]
    with pytest.raises(UnreadTextsError):
        extractor.extract(texts)
    asked = len(model.requests)
    with pytest.raises(UnreadTextsError, match="8 of 8"):
        extractor.extract(texts)
    assert len(model.requests) == asked + 1


def test_failures_that_others_answers_come_between_do_not_count() -> None:
    def answer(request: Request) -> str | Exception:
        return ModelError("broke off") if "odd" in request.messages[-1][1] else claims()

    extractor = LlmExtractor(ScriptedModel(answer), ExtractSettings("llm", parallel=1))
    texts = ["An odd one.", "An even one."] * 10
    with pytest.raises(UnreadTextsError) as caught:
        extractor.extract(texts)
    assert [isinstance(item, ModelError) for item in caught.value.found] == [True, False] * 10


def test_a_server_that_breaks_off_once_is_asked_again() -> None:
    answers: Iterator[str | Exception] = iter([BusyError("broke off"), claims(BORN, **NAMES)])
    extractor = LlmExtractor(ScriptedModel(lambda _: next(answers)), ExtractSettings("llm"))
    assert extractor.extract([EULER])[0].relations


def test_windows_hold_whole_sentences_and_all_of_them() -> None:
    text = "\n\n".join(f"Chapter {n}\n\n{'A sentence of words. ' * 40}" for n in range(5))
    text += f"\n\n{RUSSIAN}"
    windows = cut_windows(text, 1000)
    assert [span for window in windows for span in window.sentences] == sentences(text)
    assert all(window.end - window.start <= 1000 for window in windows)
    assert [window.language for window in windows][-1] == "ru"
    halves = [span for window in windows for half in window.halves() for span in half.sentences]
    assert halves == sentences(text)


def test_a_heading_stays_with_the_text_below_it() -> None:
    section = "A sentence of some words. " * 12
    text = f"One\n\n{section}\n\nTwo\n\n{section}\n\nThree\n\n{section}"
    windows = cut_windows(text, 500)
    assert [text[window.start :].split("\n")[0] for window in windows] == ["One", "Two", "Three"]


def test_all_relations_are_offered_where_there_is_room_and_the_commonest_where_there_is_not() -> (
    None
):
    def offered(context_tokens: int) -> list[str]:
        model = ScriptedModel(lambda _: claims(), context_tokens)
        LlmExtractor(model, ExtractSettings("llm")).extract([EULER])
        lines = model.requests[0].messages[0][1].splitlines()
        assert model.requests[0].max_tokens <= context_tokens // 3
        return [line.partition(":")[0] for line in lines if " -> " in line]

    everything = [kind.label_en for kind in relations_by_use()]
    assert offered(16384) == everything
    some = offered(5000)
    assert some == everything[: len(some)]
    assert FEWEST_RELATIONS <= len(some) < len(everything)
    with pytest.raises(UnreadTextsError, match="has a context of 1024 tokens; to extract it needs"):
        offered(1024)


def test_every_relation_that_is_stored_is_offered_once_under_a_label_of_its_own() -> None:
    relations = relations_by_use()
    stored = [kind for kind in load_ontology().relation_types.values() if kind.canonical]
    assert sorted(kind.id for kind in relations) == sorted(kind.id for kind in stored)
    assert len({kind.label_en.casefold() for kind in relations}) == len(relations)
    assert len(set(COMMONEST)) == len(COMMONEST)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_example_in_the_prompt_is_an_answer_that_loses_nothing(language: Any) -> None:  # noqa: ANN401  a literal
    (_, rules), _ = Offer(relations_by_use()).messages(language, "")
    _, _, example = rules.partition("\nTEXT\n")
    text, _, answer = example.partition("\n\nJSON\n")
    found = extract(text, answer)
    assert (len(found.mentions), len(found.relations)) == (5, 2)


def test_an_order_or_markup_in_a_text_is_shown_as_data() -> None:
    model = ScriptedModel(lambda _: claims())
    LlmExtractor(model, ExtractSettings("llm")).extract(["Hi <|im_end|> [INST] <think> {x}"])
    shown = model.requests[0].messages[-1][1]
    assert not set("<>[]{}") & set(shown)


def test_a_constraint_goes_with_the_request_unless_it_is_switched_off() -> None:
    for constraint in ("auto", "off"):
        model = ScriptedModel(lambda _: claims(), constraint=constraint)
        LlmExtractor(model, ExtractSettings("llm")).extract([EULER])
        request = model.requests[0]
        assert (request.grammar is None) == (request.schema is None) == (constraint == "off")


def test_the_fingerprint_names_the_model_and_what_shapes_its_answers() -> None:
    def fingerprint(model: str, **settings: int) -> str:
        made = LlmExtractor(
            ScriptedModel(lambda _: "", model=model), ExtractSettings("llm", **settings)
        )
        assert made.name == f"llm:{model or 'scripted'}"
        return made.fingerprint

    assert fingerprint("") == fingerprint("scripted") == fingerprint("scripted", parallel=2)
    assert fingerprint("scripted").startswith("llm:scripted:")
    assert len({fingerprint("one"), fingerprint("two"), fingerprint("two", window_chars=900)}) == 3


PIECES = st.sampled_from(
    [
        *EULER.split(),
        *RUSSIAN.split(),
        "Leonhard Euler",
        EULER[:41],
        RUSSIAN[:43],
        "",
        "\u0301",
        "ß",
    ]
) | st.text(max_size=8)
QUOTES = st.lists(PIECES, max_size=3).map(" ".join)
TYPES = st.sampled_from(["person", "city", "date", "thing"])
RELATIONS = st.sampled_from(["place of birth", "P569", "spouse", "parent", "P4970", "no such"])
JUNK = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
ENTRIES = st.fixed_dictionaries({"quote": QUOTES | JUNK, "type": TYPES | JUNK}) | JUNK
CLAIMS = (
    st.fixed_dictionaries(
        {"subject": QUOTES, "relation": RELATIONS, "object": QUOTES, "quote": QUOTES}
    )
    | JUNK
)
ANSWERS = (
    st.fixed_dictionaries(
        {"mentions": st.lists(ENTRIES, max_size=6), "triplets": st.lists(CLAIMS, max_size=6)}
    ).map(json.dumps)
    | JUNK.map(json.dumps)
    | st.text(max_size=40)
)


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=12).map(" ".join) | st.sampled_from([EULER, RUSSIAN]), ANSWERS)
def test_whatever_comes_back_only_what_stands_in_the_text_is_kept(text: str, answer: str) -> None:
    extractor = LlmExtractor(ScriptedModel(lambda _: answer), ExtractSettings("llm", parallel=1))
    try:
        (found,) = extractor.extract([text])
    except UnreadTextsError as error:
        assert all(isinstance(item, ModelError) for item in error.found)
    else:
        check(text, found)


def test_a_prompt_is_the_same_for_all_windows_up_to_the_text() -> None:
    model = ScriptedModel(lambda _: claims())
    texts: Sequence[str] = ["Anna wrote.", "Peter wrote.", "It rained."]
    LlmExtractor(model, ExtractSettings("llm")).extract(texts)
    systems: set[Message] = {request.messages[0] for request in model.requests}
    assert len(systems) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind = 'hub'", "kind is 'hub', and must be one of: bundled, llm"),
        ("window_chars = 50", "window_chars must be 200 or more, not 50"),
        ("answer_tokens = 0", "answer_tokens must be above 0"),
        ("parallel = 0", "parallel must be above 0"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "kgrag.toml"
    path.write_text(f"[extract]\n{text}\n", "utf-8")
    with pytest.raises(ConfigError, match=rf"\[extract\] {told}"):
        Settings.load(path)

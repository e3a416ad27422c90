import math
import time
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexes.records import Extraction, Mention
from kgrag.literals import LITERAL_TYPES, Literal, literal_keys, literal_of, read_literal
from kgrag.ontology import load_ontology
from kgrag.question import understand
from kgrag.resolve import resolve
from tests.fakes import NoLinker

DATES = """
1796-11-17: 1796-11-17 | 17.11.1796 | 11/17/1796 | Nov. 17th, 1796 | the 17th of November 1796
1796-11-17: 17-го ноября 1796 года | семнадцатого ноября 1796 г. | в четверг, 17 ноября 1796 года
1796-11: November 1796 | в ноябре 1796 года | Ноябрь 1796 | 1796-11
1796: 1796 | в 1796 году | 1796-й | in 1796 | с 1796 года | since 1796 | the 1796 season
1762/1796: from 1762 until 1796 | с 1762 по 1796 год | 1762–1796 | between 1762 and 1796 | 1762-96
1990-05-05/1990-05-10: May 5–10, 1990 | 5–10 мая 1990 года | с 5 по 10 мая 1990
199X: the 1990s | 1990-е годы | '90s | в 90-х годах
190X: 1900-е годы
17XX: 18th century | XVIII век | в XVIII веке | the eighteenth century | 18th-century
17XX/18XX: XVIII—XIX века | 18th–19th centuries
-0043: 44 BC | 44 год до н. э. | 44 BCE | в 44 г. до н.э.
0079: AD 79 | 79 год н. э.
-15XX: 16th century BCE | XVI век до нашей эры
XXXX-11-17: 17 November | 17 ноября | November 17th | семнадцатое ноября
XXXX-11: November | в ноябре
2005-22: summer 2005 | летом 2005 года
2008-35: third quarter of 2008 | III квартал 2008 года
late 195X: the late 1950s | в конце 1950-х годов
mid 1950: mid-1950 | в середине 1950 года
1850~: circa 1850 | c. 1850 | около 1850 года
../2014: before 2014 | до 2014 года
2014/..: after 2014 | после 2014 года
2016-08-16: вчера, 16 августа 2016 года | yesterday, August 16, 2016
P3Y: three years | три года | трёх лет | трёхлетний | a 3-year
P3Y..P5Y: 3-5 years | от 3 до 5 лет
"""
AMOUNTS = """
number 1234.5: 1,234.5 | 1 234,5 | 1.234,5
number 2000: 2000 | two thousand | две тысячи | двумя тысячами | 2 тыс. | 2,000
number 2500000: 2.5 million | 2,5 млн | два с половиной миллиона | two and a half million
number 1500000: полтора миллиона | one and a half million
number 12: twelve | двенадцать | a dozen | дюжина
number 0.5: half | половина | 1/2 | ½
number 1/3: a third | треть | 1/3
number 10..15: 10-15 | from 10 to 15 | от 10 до 15 | от десяти до пятнадцати
number 10000..15000: 10-15 тысяч | 10-15 thousand
number >100: more than 100 | более ста | свыше 100 | over one hundred
number >1000: более тысячи | more than a thousand
number 5 km: 5 km | 5 км | five kilometres | пять километров
number 100 km2: 100 km² | 100 square kilometres | 100 квадратных километров | 100 кв. км
number -5 °C: -5 °C | −5°C
ordinal 3: third | 3rd | третий | третью | 3-го | III
ordinal 21: twenty-first | 21st | двадцать первого | XXI | 21-й
money 5000000 RUB: 5 млн рублей | пять миллионов рублей | 5m roubles | ₽5 million
money 1500000000 USD: $1.5 billion | 1,5 млрд долларов США | US$1.5bn | полтора миллиарда долларов
money 3000000 GBP: £3m | 3 млн фунтов стерлингов | three million pounds
money 10 CHF: 10 швейцарских франков | 10 Swiss francs | CHF 10
money 5000000..10000000 USD: $5-10 million | 5-10 млн долларов
percent 12.5 %: 12.5% | 12,5 процента | 12.5 per cent | 12.5 percent
percent 10..15 %: 10-15% | от 10 до 15 процентов
age P34Y: 34 | 34 years old | 34-летний | 34 года | aged 34 | a 34-year-old | тридцатичетырёхлетней
age P76Y: на 77-м году | 76 лет
age P18M: 18 months | восемнадцатимесячный
time 23:35: 11:35 pm | 23:35 | в 23.35
time 05:00: 5 a.m. | в 5 часов утра | 5 утра
time 1990-05-05T15:00: 3 p.m. on May 5, 1990 | 5 мая 1990 года в 15:00
time PT2H45M: 2 hours 45 minutes | 2 часа 45 минут
"""


def told(table: str, type_: str = "") -> list[tuple[str, str, str]]:
    """Read lines of "[type] key: surface | surface"."""
    cases = []
    for line in table.strip().split("\n"):
        head, _, surfaces = line.replace(": ", "\n", 1).partition("\n")
        kind, key = (type_, head) if type_ else head.split(" ", 1)
        cases += [(kind, key, surface) for surface in surfaces.split(" | ")]
    return cases


CASES = told(DATES, "date") + told(AMOUNTS)
KEYS = sorted({(type_, key) for type_, key, _ in CASES})


@pytest.mark.parametrize(("type_", "key", "surface"), CASES)
def test_one_value_in_any_wording_has_one_key(type_: str, key: str, surface: str) -> None:
    literal = read_literal(surface, type_)
    assert literal is not None and literal.key == key


@pytest.mark.parametrize(
    ("type_", "surface"),
    [
        *(("date", s) for s in ("yesterday", "вчера", "last year", "в понедельник", "Friday")),
        *(("date", s) for s in ("10 years ago", "два года назад", "через неделю", "недавно")),
        *(("date", s) for s in ("03/04/2020", "05/06/07", "2008-09", "the 1900s", "the 10s")),
        *(("date", s) for s in ("30 февраля 2000", "32 May 2001", "79", "1939 and 1945", "Easter")),
        *(("date", s) for s in ("в 79 году", "late 19th – early 20th century", "1945-1939")),
        *(("time", s) for s in ("вечером", "in the evening", "5 o'clock", "25:00", "10:75")),
        *(("number", s) for s in ("thousands", "тысячи", "несколько", "50 votes", "five six")),
        *(("number", s) for s in ("more than 10-15", "15-10")),
        *(("number", s) for s in ("1 2", "10.2:1", "5/0", "семья", "пара", "4.1.7")),
        *(("money", s) for s in ("30 pieces of silver", "€", "237 млн", "миллионы долларов")),
        *(("percent", s) for s in ("percent", "50", "several percent")),
        *(("ordinal", s) for s in ("last", "последний", "205.1", "220666-6", "MCM")),
        *(("age", s) for s in ("средних лет", "teenage", "far over 80")),
    ],
)
def test_what_a_text_leaves_open_has_no_value(type_: str, surface: str) -> None:
    assert read_literal(surface, type_) is None


def test_a_separator_means_what_it_means_in_the_language_of_the_text() -> None:
    def value(surface: str, *, russian: bool) -> str | None:
        literal = read_literal(surface, "number", russian=russian)
        return literal.key if literal else None

    assert value("1,234", russian=False) == "1234"
    assert value("1,234", russian=True) == "1.234"
    assert value("635,000", russian=True) == "635000"
    assert value("1.234", russian=False) == "1.234"
    assert value("1.234", russian=True) is None
    assert read_literal("$1,234", "money", russian=True) is None


def test_a_unit_tells_the_type_when_the_extractor_was_wrong() -> None:
    for surface, thought, type_ in [
        ("5 %", "number", "percent"),
        ("$5", "number", "money"),
        ("34 years old", "number", "age"),
        ("October 3 , 1954", "time", "date"),
        ("18:00", "date", "time"),
        ("2 hours", "date", "time"),
        ("third", "number", "ordinal"),
    ]:
        literal = read_literal(surface, thought)
        assert literal is not None and literal.type == type_, surface


def test_the_types_are_those_of_the_ontology() -> None:
    kinds = load_ontology().entity_types.values()
    assert {kind.id for kind in kinds if kind.group == "literal"} == LITERAL_TYPES
    with pytest.raises(ValueError, match="person"):
        read_literal("1796", "person")


@pytest.mark.parametrize(("type_", "key"), KEYS)
def test_a_key_gives_its_literal_back(type_: str, key: str) -> None:
    literal = literal_of(type_, key)
    assert literal is not None and literal.key == key
    # As a surface "2008-09" could be two years; every other key is a surface of its own value.
    could_be_years = key.startswith("200") and len(key) == len("2008-09")
    assert read_literal(key, type_) == (None if could_be_years else literal)


@pytest.mark.parametrize(
    ("type_", "key"), [("date", "yesterday"), ("date", "1796-13"), ("date", "1999/1990"),
                       ("number", "five"), ("time", "25:00"), ("age", "P")],
)  # fmt: skip
def test_a_name_without_value_is_no_key(type_: str, key: str) -> None:
    assert literal_of(type_, key) is None


def bounds(type_: str, key: str) -> tuple[float, float]:
    literal = literal_of(type_, key)
    assert literal is not None and literal.bounds is not None
    return literal.bounds


def test_dates_sort_as_they_follow_each_other() -> None:
    keys = "-15XX -0043 0000 0079 17XX 1796 1796-11 1796-11-17 1796-12 1850~ 1861/1865 1990-36"
    starts = [bounds("date", key)[0] for key in keys.split()]
    assert starts == sorted(starts)
    ends = [bounds("date", key)[1] for key in ("1796-11-17", "1796-11", "1796", "179X", "17XX")]
    assert ends == sorted(ends) and ends[0] < ends[1] < ends[2] < ends[3]
    assert bounds("date", "../2014")[0] == -math.inf
    early, mid, late = (bounds("date", f"{part} 1950") for part in ("early", "mid", "late"))
    assert early[0] <= early[1] < mid[0] <= mid[1] < late[0] <= late[1]


@example(date(1900, 3, 1))
@example(date(2000, 2, 29))
@given(st.dates())
def test_days_are_those_of_the_calendar(day: date) -> None:
    assert bounds("date", day.isoformat()) == (day.toordinal(), day.toordinal())
    assert (
        bounds("date", f"{day.year:04}")[0]
        <= day.toordinal()
        <= bounds("date", f"{day.year:04}")[1]
    )


@given(st.integers(0, 10**15 - 1))
def test_a_number_is_read_back_from_digits_grouped_either_way(number: int) -> None:
    for surface in (f"{number:,}", f"{number:,}".replace(",", " "), str(number)):
        literal = read_literal(surface, "number")
        assert literal == Literal("number", str(number))


def test_no_age_is_less_than_nothing() -> None:
    assert read_literal("-1-0", "age") is None


@given(
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            "1796 17 3 0 , . - – / : $ % € the of от до с по до н.э. мая May году век XX XVIII 90-х"
            " million тысяч полтора half and лет years старше more than ½ ² 'пол полчаса ом".split()
        ),
        max_size=8,
    ).map(" ".join)
    | st.text("0123456789.,/-:XPTYм %", max_size=20),
    st.sampled_from(sorted(LITERAL_TYPES)),
    st.booleans(),
)
def test_any_text_has_a_value_that_its_key_gives_back_or_none(
    surface: str,
    type_: str,
    russian: bool,  # noqa: FBT001
) -> None:
    literal = read_literal(surface, type_, russian=russian)
    if literal is not None:
        assert literal_of(literal.type, literal.key) == literal
        assert read_literal(literal.key, literal.type) in (literal, None)
        assert literal.bounds is None or literal.bounds[0] <= literal.bounds[1]
    literal_keys(surface)


@pytest.mark.parametrize(
    "text", ["1" * 50_000, "1 " * 50_000, "1," * 50_000, " " * 50_000, "1 000" * 9_000,
             "сто" * 9_000, "a" * 60_000, "1.1" * 60, "двести" * 33, "1:1" * 66,
             "@ " * 99, "до н. э. " * 20],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    for type_ in LITERAL_TYPES:
        read_literal(text, type_)
    assert time.process_time() - start < 0.5


def resolved(*surfaces: tuple[str, str]) -> list[tuple[str, str]]:
    text = ". ".join(surface for surface, _ in surfaces)
    mentions, at = [], 0
    for surface, type_ in surfaces:
        mentions.append(Mention(at, at + len(surface), surface, type_, 0.9))
        at += len(surface) + 2
    found = resolve(text, Extraction(tuple(mentions)), linker=NoLinker(), document_id="d")
    return [(item.identity, item.normal) for item in found.mentions]


def test_a_date_in_two_languages_is_one_node_under_the_type_of_its_value() -> None:
    found = resolved(("1796 году", "date"), ("1796", "date"), ("in 1796", "time"))
    assert found == [("date|1796", "1796")] * 3
    assert resolved(("вчера", "date")) == [("date|вчера", "вчера")]


def test_a_question_finds_a_date_in_any_wording() -> None:
    for question in ("What happened on 17 November 1796?", "Что было 17 ноября 1796 года?"):
        assert "1796-11-17" in understand(question).names

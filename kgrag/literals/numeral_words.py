"""The words of English and Russian numerals, and what they count."""

import re
from fractions import Fraction

RUSSIAN_ENDINGS = frozenset(
    " а я о е у ю ы и ь й ом ем ой ей ою ею ов ев ам ям ами ями ах ях ью"
    " ый ий ая яя ое ее ые ие ого его ому ему ым им ую юю ых их ыми ими"
    " ья ье ьи ьего ьему ьим ьем ьей ью ьих ьими".split(" ")
)
_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
ENGLISH_CARDINALS = {
    word: Fraction(value)
    for value, word in enumerate(f"zero {_ONES} sixteen seventeen eighteen nineteen".split())
} | {
    word: Fraction(10 * value)
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_IRREGULAR = """
0 ноль ноля нолю нолем нуль нуля нулю нулем
1 один одна одно одного одной одному одним одном одну
2 два две двух двум двумя двое двоих двоим двоими
3 три трех трем тремя трое троих троим троими
4 четыре четырех четырем четырьмя четверо четверых четверым четверыми
5 пятеро пятерых пятерым
6 шестеро шестерых шестерым
7 семеро семерых семерым
8 восемь восьми восемью восьмью восьмеро
40 сорок сорока
90 девяносто девяноста
100 сто ста
200 двести двухсот двумстам двумястами двухстах
300 триста трехсот тремстам тремястами трехстах
400 четыреста четырехсот четыремстам четырьмястами четырехстах
"""
FIVE_TO_THIRTY = {
    "пят": 5, "шест": 6, "сем": 7, "девят": 9, "десят": 10, "одиннадцат": 11, "двенадцат": 12,
    "тринадцат": 13, "четырнадцат": 14, "пятнадцат": 15, "шестнадцат": 16, "семнадцат": 17,
    "восемнадцат": 18, "девятнадцат": 19, "двадцат": 20, "тридцат": 30,
}  # fmt: skip
_EIGHT = (("восемь", "восьми", "восемью"), 8)


def _russian() -> dict[str, Fraction]:
    table: dict[str, Fraction] = {}
    for line in _IRREGULAR.split("\n"):
        value, *forms = line.split() or [""]
        table.update((form, Fraction(value)) for form in forms)
    for stem, count in FIVE_TO_THIRTY.items():
        table.update((stem + ending, Fraction(count)) for ending in ("ь", "и", "ью"))
    several = [((f"{s}ь", f"{s}и", f"{s}ью"), v) for s, v in FIVE_TO_THIRTY.items() if v < 10]
    for (plain, genitive, instrumental), count in (*several, _EIGHT):
        tens = (f"{plain}десят", f"{genitive}десяти", f"{instrumental}десятью")
        hundreds = (f"{plain}сот", f"{genitive}сот", f"{genitive}стам", f"{instrumental}стами")
        if count < 9:
            table.update((form, Fraction(10 * count)) for form in tens)
        table.update((form, Fraction(100 * count)) for form in hundreds)
    return table


CARDINALS = ENGLISH_CARDINALS | _russian()
SCALES = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "mln": 10**6, "mn": 10**6, "bn": 10**9, "bln": 10**9, "trn": 10**12,
    "тыс": 10**3, "млн": 10**6, "млрд": 10**9, "трлн": 10**12,
    "сотн": 10**2, "тысяч": 10**3, "миллион": 10**6, "миллиард": 10**9, "триллион": 10**12,
    "dozen": 12, "десятк": 10, "десяток": 10, "дюжин": 12,
}  # fmt: skip
BARE_SCALES = frozenset(
    "тысяча тысячу тысячей миллион миллиону миллионом миллиард миллиарду миллиардом триллион"
    " десяток десятком сотня сотню сотней дюжина дюжину".split()
)
"""Scales that mean one of them; «тысячи» and "millions" alone mean nobody knows how many."""

BARE_AFTER_LIMIT = frozenset("тысячи миллиона миллиарда триллиона десятка сотни".split())
HALVES = frozenset("полтора полторы полутора".split())
COUNTED = frozenset("hundred thousand million billion trillion dozen".split())
LONE_PARTS = {
    "half": Fraction(2),
    **dict.fromkeys("половина половины половине половину половиной".split(), Fraction(2)),
    **dict.fromkeys("треть трети".split(), Fraction(3)),
    **dict.fromkeys("четверть четверти четвертью".split(), Fraction(4)),
}
PARTS = LONE_PARTS | {
    "halves": Fraction(2), "third": Fraction(3), "thirds": Fraction(3), "третьих": Fraction(3),
    "третей": Fraction(3), "fourths": Fraction(4),
    "quarter": Fraction(4), "quarters": Fraction(4), "fifth": Fraction(5), "fifths": Fraction(5),
    "tenth": Fraction(10), "tenths": Fraction(10), "пятых": Fraction(5), "десятых": Fraction(10),
}  # fmt: skip


PREFIXES = dict(
    sorted(
        (
            *((form, int(value)) for form, value in _russian().items() if form[-1] in "иха"),
            *(("одно", 1), ("сто", 100), ("тысяче", 1000), ("четырех", 4), ("сорока", 40)),
        ),
        key=lambda item: -len(item[0]),
    )
)
"""Genitive forms, with which Russian builds adjectives of number, longest first."""

PREFIX = re.compile("|".join(PREFIXES))

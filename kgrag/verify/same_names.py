"""Names that everybody knows under several forms, and names that are derived from one another."""

import re
from functools import lru_cache

from kgrag.names import normal_name

_GROUPS = tuple(
    tuple(line.split("|"))
    for line in (
        "US|USA|U.S.|U.S.A.|United States|United States of America|America|American|Americans|США"
        "|Соединенные Штаты|Соединенные Штаты Америки|Америка|американец|американский",
        "UK|U.K.|United Kingdom|Great Britain|Britain|British|Великобритания|Британия"
        "|Соединенное Королевство|британский|британец",
        "EU|European Union|ЕС|Европейский союз|Евросоюз",
        "USSR|Soviet Union|Soviet|СССР|Советский Союз|советский",
        "Russia|Russian|Russian Federation|Россия|РФ|Российская Федерация|российский|русский"
        "|россиянин",
        "UN|United Nations|ООН|Организация Объединенных Наций",
        "France|French|Франция|французский|француз", "Netherlands|Dutch|Holland|Нидерланды"
        "|Голландия|голландский", "Wales|Welsh|Уэльс|валлийский", "Poland|Polish|Польша|польский",
        "Switzerland|Swiss|Швейцария|швейцарский", "Denmark|Danish|Дания|датский",
        "Ireland|Irish|Ирландия|ирландский", "Spain|Spanish|Испания|испанский",
        "Greece|Greek|Греция|греческий",
        "Germany|German|Germans|Германия|немецкий|немец|германский",
        "England|English|Англия|английский", "Scotland|Scottish|Шотландия|шотландский",
        "China|Chinese|Китай|китайский", "Japan|Japanese|Япония|японский",
        "Italy|Italian|Италия|итальянский", "Sweden|Swedish|Швеция|шведский",
        "Norway|Norwegian|Норвегия|норвежский", "Finland|Finnish|Финляндия|финский",
        "Turkey|Turkish|Турция|турецкий", "Egypt|Egyptian|Египет|египетский",
        "Israel|Israeli|Израиль|израильский", "India|Indian|Индия|индийский",
        "Europe|European|Европа|европейский", "Asia|Asian|Азия|азиатский",
        "Africa|African|Африка|африканский", "Rome|Roman|Рим|римский", "Moscow|Москва|московский",
        "New York|New York City|NYC|Нью-Йорк", "Los Angeles|L.A.|LA|Лос-Анджелес",
        "World War II|Second World War|WWII|Вторая мировая война",
        "World War I|First World War|WWI|Первая мировая война",
        "Holy Roman Empire|Священная Римская империя", "Vienna|Вена", "Paris|Париж",
        "Hungary|Hungarian|Венгрия|венгерский", "Ukraine|Ukrainian|Украина|украинский",
        "Mongolia|Mongol|Mongolian|Монголия|монгольский", "Austria|Austrian|Австрия|австрийский",
    )
)  # fmt: skip

_ROOT_ENDS = re.compile(r"(?:|y|a|e|s|land|o|ia|и|я|а|ия|ь|й)")
_DERIVED_ENDS = re.compile(
    r"(?:n|an|ian|ish|ese|ic|ean|i|er|ers|s|es|nian|ans|ians|ин|ский|ская|ское|ские|ского|ской|ском"
    r"|ских|скую|ец|цы|анский|инский|енский)"
)
MIN_ROOT = 4


def same_as(name: str) -> tuple[str, ...]:
    """Return the other forms of a name that everybody knows; most names have none."""
    return _by_name().get(normal_name(name), ())


@lru_cache(maxsize=1)
def _by_name() -> dict[str, tuple[str, ...]]:
    return {
        normal_name(name): tuple(other for other in group if other != name)
        for group in _GROUPS
        for name in group
    }


@lru_cache(maxsize=50_000)
def is_derived(one: str, other: str) -> bool:
    """Return whether one lower-case name is made from the other: Italian, Italy; Kant, Kantian."""
    size = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        size += 1
    if size < MIN_ROOT:
        return False
    ends = one[size:], other[size:]
    return any(
        _ROOT_ENDS.fullmatch(root) is not None and _DERIVED_ENDS.fullmatch(end) is not None
        for root, end in (ends, ends[::-1])
    )

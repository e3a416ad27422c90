"""Words that say the opposite, and verbs that say the same with the parts exchanged.

``A defeated B`` and ``B lost to A`` say one thing; ``A defeated B`` and ``A lost to B`` do not.
"""

from functools import lru_cache

from indexes.text import stems
from kgrag.verify.words import Word

_CONVERSES = (
    ("defeat beat win victory outplay conquer", "lose loss"),
    ("buy acquire purchase", "sell"),
    ("precede predecessor", "follow succeed successor"),
    ("father mother parent", "son daughter child"),
    ("teach teacher tutor", "learn student pupil"),
    ("own owner possess", "belong"),
    ("give donate supply lend", "receive borrow"),
    ("employ employer hire", "work employee"),
    ("победить выиграть обыграть разбить победа", "проиграть поражение уступить"),
    ("купить приобрести покупка", "продать продажа"),
    ("отец мать родитель", "сын дочь ребенок"),
    ("учить учитель преподавать наставник", "учиться ученик"),
    ("владеть владелец", "принадлежать"),
    ("дать подарить передать поставить", "получить взять"),
)
_OPPOSITES = (
    "increase rise grow growth|decrease fall decline drop shrink",
    "before|after", "north northern|south southern", "east eastern|west western",
    "largest biggest greatest|smallest", "oldest eldest|youngest", "highest|lowest", "most|least",
    "more|fewer less", "higher|lower", "male|female", "accept agree approve|reject refuse oppose",
    "begin start open|end close finish", "ally|enemy", "include|exclude", "legal|illegal",
    "possible|impossible", "succeed success successful|fail failure unsuccessful",
    "support|oppose", "allow permit|forbid prohibit ban", "alive|dead", "left|right", "first|last",
    "enter join|leave quit", "win|lose", "import|export", "earlier|later", "always|never",
    "upper|lower", "major majority|minor minority",
    "вырасти рост увеличить увеличиться повысить|упасть падение снизить снизиться уменьшить",
    "до|после", "север северный|юг южный", "восток восточный|запад западный",
    "больший крупнейший наибольший|меньший наименьший", "старший|младший", "высокий|низкий",
    "больше более|меньше менее", "мужской|женский",
    "принять согласиться одобрить|отклонить отказаться отвергнуть",
    "начать начаться открыть|кончить закончить закрыть завершить", "союзник|враг",
    "разрешить|запретить", "живой|мертвый", "левый|правый", "первый|последний",
    "войти вступить|выйти покинуть", "импорт|экспорт", "ранний раньше|поздний позже",
    "поддержать|выступить против", "большинство|меньшинство",
)  # fmt: skip


def is_converse(one: Word, other: Word) -> bool:
    """Return whether two words say one thing with the parts exchanged: buy and sell."""
    return _meet(one, other, _converses())


def is_opposite(one: Word, other: Word) -> bool:
    """Return whether two words exclude one another: increase and decrease."""
    return _meet(one, other, _opposites())


Sides = dict[str, frozenset[tuple[int, int]]]


def _meet(one: Word, other: Word, sides: Sides) -> bool:
    if one.keys & other.keys:
        return False
    left = {side for key in one.keys for side in sides.get(key, ())}
    right = {side for key in other.keys for side in sides.get(key, ())}
    return any((pair, 1 - side) in right for pair, side in left)


@lru_cache(maxsize=1)
def _converses() -> Sides:
    return _table(_CONVERSES)


@lru_cache(maxsize=1)
def _opposites() -> Sides:
    return _table([tuple(line.split("|")) for line in _OPPOSITES])


def _table(pairs: "tuple[tuple[str, ...], ...] | list[tuple[str, ...]]") -> Sides:
    table: dict[str, set[tuple[int, int]]] = {}
    for number, sides in enumerate(pairs):
        for side, text in enumerate(sides):
            for stem in stems(text):
                table.setdefault(stem, set()).add((number, side))
    return {stem: frozenset(found) for stem, found in table.items()}

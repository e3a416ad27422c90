"""The names of a catalogue entity: which label to show, and which surfaces may stand for it."""

import re
from collections.abc import Sequence

from kgrag.names import PATRONYMIC, PERSON_TITLES, is_acronym, normal_name
from kgrag.sounds import is_cyrillic

_BRACKETS = re.compile(r"\s*\([^)]*\)$")


def without_brackets(label: str) -> str:
    """Return a label without what an encyclopedia adds: ``Mercury (planet)``."""
    return _BRACKETS.sub("", label) or label


def display_label(label: str, names: Sequence[str], *, person: bool) -> str:
    """Return a label without titles, in natural order and, where a name shows it, uninflected."""
    label = without_brackets(label)
    family, comma, given = label.partition(", ")
    if comma and "," not in given and (person or f"{given} {family}" in names):
        label = f"{given} {family}"
    same_script = [name for name in names if is_cyrillic(name) == is_cyrillic(label)]
    if label.split()[0].lower() in PERSON_TITLES:
        plainer = [name for name in same_script if " " in name and label.endswith(f" {name}")]
        label = min(plainer, key=lambda name: (len(name), name), default=label)
    if " " not in label:
        basic = normal_name(label)
        uninflected = [
            name
            for name in same_script
            if name.lower().replace("ё", "е") == basic and name != basic
        ]
        if label.lower().replace("ё", "е") != basic and uninflected:
            label = min(uninflected)
    return label


def without_patronymic(label: str) -> str:
    """Return the two-word form of a Russian name of three words, else the label itself."""
    words = label.split()
    if len(words) == 3:
        if PATRONYMIC.fullmatch(words[1]):
            return f"{words[0]} {words[2]}"
        if PATRONYMIC.fullmatch(words[2]):  # «Путин Владимир Владимирович»
            return f"{words[1]} {words[0]}"
    return label


def may_name(surface: str, labels: Sequence[str], group: str) -> bool:
    """Return whether a surface may stand for the entity in a text; annotators' slips do not."""
    letters = sum(char.isalnum() for char in surface)
    if letters < 2 or (letters < 4 and surface.isascii() and not is_acronym(surface)):
        return False  # "et" for Ethiopia
    if group == "place" and "," in surface:
        return surface.partition(",")[0] in labels  # "Ohio, United States" for the United States
    several = " " in surface.strip()
    return group in ("other", "unknown") or not (several and surface[0].islower())

"""Times of day as English and Russian write them, alone or on a date, to ISO 8601.

``14:06``, ``14:06:30+03:00``, ``2010-12-06T00:30``; ``11:00/17:00`` is an interval, ``~`` behind
means "about". A part of a day ("in the evening") has no value, and neither has an hour of which
nobody says whether it is before noon.
"""

import re

from kgrag.literals.dates import read_date
from kgrag.literals.edtf import is_edtf
from kgrag.literals.numerals import plain

_CLOCK = re.compile(
    r"(?<![\d:.,])(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)(?::(?P<second>\d\d))?"
    r"|(?=\s?(?:[ap]\.?\s?m\b|час|ч\b|утра|дня|вечера|ночи)))(?![\d:])(?!\.\d)"
    r"(?:\s?(?:часов|часа|час|ч)\b\.?(?:\s?(?P<minutes>\d{1,2}) мин\w*\.?)?)?"
    r"(?:\s?(?P<half>[ap]\.?\s?m\b\.?|утра|дня|вечера|ночи))?"
)
_NAMED = ((re.compile(r"\b(?:noon|полдень|полудня|полдня)\b"), "12:00"),
          (re.compile(r"\b(?:midnight|полночь|полуночи)\b"), "00:00"))  # fmt: skip
_ZONES = (
    (
        re.compile(r"\bмск\b\.?|\bпо московскому времени|\bпо москве|\bmoscow time|\bmsk\b"),
        "+03:00",
    ),
    (re.compile(r"\bgmt\b|\butc\b|\bпо гринвичу"), "Z"),
    (re.compile(r"\b(?:по )?местно(?:му|го) времени|\blocal time"), ""),
)
_ABOUT = re.compile(r"\b(?:около|примерно|приблизительно|about|around|approximately|circa)\b")
_LEFT = re.compile(r"\s*(?:\b(?:в|во|на|с|at|on|в районе|часов|часа|,)(?:\s|$|,)|,)\s*")
_TIME = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?:\+\d\d:\d\d|Z)?"
_MOMENT = re.compile(rf"(?:(?P<date>[\dX-]{{10}})T)?{_TIME}~?", re.ASCII)


def read_time(surface: str, *, russian: bool) -> str | None:
    """Return the ISO 8601 value of a time of day, or None where the surface has none."""
    if is_time(surface.strip()):
        return surface.strip()
    text, zone = plain(surface), ""
    for pattern, name in _ZONES:
        text, count = pattern.subn(" ", text)
        zone = name if count else zone
    for named, time in _NAMED:
        text = named.sub(time, text)
    text, about = _ABOUT.subn(" ", text)
    found = list(_CLOCK.finditer(text))
    times = [_time(item, text) for item in found]
    if not 1 <= len(times) <= 2 or None in times:
        return None
    rest = _CLOCK.sub(" @ ", text)
    if len(times) == 2:
        rest, joined = re.subn(
            r"(?:\b(?:с|from|between|между) )?\s*@ +(?:-|до|to|and|и|по) +@", " @ ", rest
        )
        if not joined:
            return None
    rest = _LEFT.sub(" ", rest.replace("@", " ").replace("в районе", " ")).strip(" .,")
    value = "/".join(f"{time}{zone}" for time in times)
    if rest:
        date = read_date(rest, russian=russian)
        if date is None or len(date) != len("2000-01-01") or len(times) > 1:
            return None
        value = f"{date}T{value}"
    value += "~" if about else ""
    return value if is_time(value) else None


def is_time(value: str) -> bool:
    """Return whether a text is a time of day as ``read_time`` gives it."""
    start, slash, end = value.partition("/")
    found, last = _MOMENT.fullmatch(start), _MOMENT.fullmatch(end)
    if found is None or (slash and (last is None or found["date"] or last["date"])):
        return False
    return found["date"] is None or is_edtf(found["date"])


def seconds_of(value: str) -> tuple[str | None, float]:
    """Return the date, if any, and the seconds after midnight of a time that is no interval.

    Zones are not applied: times are as the text says them.
    """
    found = _MOMENT.fullmatch(value)
    if found is None:
        raise ValueError(f"{value!r} is no time of day")
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    return found["date"], 3600.0 * hour + 60 * minute + second


def _time(found: re.Match[str], text: str) -> str | None:
    hour, minute = int(found["hour"]), int(found["minute"] or found["minutes"] or 0)
    half = (found["half"] or "").replace(".", "").replace(" ", "")
    says_hour = found["minute"] or half or re.search(r"\bв $|\bоколо $", text[: found.start()])
    if not says_hour or minute > 59 or hour > 24 or (half and hour > 12):
        return None
    if half in ("pm", "вечера") or (half == "дня" and hour < 9) or (half == "ночи" and hour > 9):
        hour = hour % 12 + (12 if half != "ночи" or hour < 12 else 0)
    elif half in ("am", "утра") and hour == 12:
        hour = 0
    second = f":{found['second']}" if found["second"] else ""
    return f"{hour % 24:02}:{minute:02}{second}"

"""Cases that were lost, half won and won, with their evidence: what a number does not tell.

A page holds some two hundred of them at most, the lost ones first, and says how many it leaves out.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from eval.items import Item
from eval.report.bodies import body, title_of
from eval.report.reading import Run
from eval.report.wording import amount, cut, texts, triples, with_unit

MOST = 200
"""Cases of a page."""

OPEN = 12
"""Cases of a part that stand open; the others are folded."""


@dataclass(frozen=True, slots=True)
class Part:
    """Cases of one fate: its name, its tone ("good", "fair", "doubt", "bad", "idle"), its cases."""

    name: str
    tone: str
    items: Sequence[Item]


def cases(run: Run, most: int = MOST) -> Markup:
    """Return the cases of a run, at most so many; nothing where there are none."""
    parts = [part for part in parts_of(run.task, run.own_cases) if part.items]
    if not parts:
        return Markup("")
    others = _others(run)
    kept = shared_out([len(part.items) for part in parts], most)
    return Markup('<div class="cases">{}</div>').format(
        Markup("").join(
            _part(run.task, part, n, others) for part, n in zip(parts, kept, strict=True) if n
        )
    )


def parts_of(task: str, items: Sequence[Item]) -> list[Part]:
    """Return the items by their fate, what went wrong first; items that show nothing are none."""
    items = [item for item in items if item.shown]
    if task == "speed":
        return [Part("Slowest", "idle", sorted(items, key=_ms, reverse=True))]
    fates: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        fates[fate(task, item)].append(item)
    order = dict.fromkeys([*TONES, *fates])
    return [
        Part(
            name,
            TONES.get(name, "idle"),
            sorted(fates[name], key=lambda item: _weight(task, item), reverse=True),
        )
        for name in order
        if name in fates
    ]


TONES: Mapping[str, str] = {
    "Wrong": "bad",
    "Nothing needed among the first ten": "bad",
    "Texts with errors": "bad",
    "Lies that stood": "bad",
    "Truths struck": "bad",
    "Judged wrongly": "bad",
    "Declined": "doubt",
    "A part found": "doubt",
    "Declined rightly": "fair",
    "Right": "good",
    "All found": "good",
    "Texts without an error": "good",
    "Lies struck": "good",
    "Truths that stood": "good",
    "Judged rightly": "good",
    "Not judged": "idle",
    "Cases": "idle",
}
"""Fates in the order of the page, and their tones."""


def fate(task: str, item: Item) -> str:
    """Return what became of a case, in the words of the page."""
    if item.tags.get("outcome"):
        return str(item.tags["outcome"]).capitalize()
    if task == "retrieval":
        needed = set(texts(item.shown.get("needed")))
        found = needed.intersection(texts(item.shown.get("found")))
        if not found:
            return "Nothing needed among the first ten"
        return "All found" if found == needed else "A part found"
    if task == "extraction":
        return "Texts with errors" if _errors(item) else "Texts without an error"
    if task == "grounding":
        return _judged(item)
    return "Cases"


def shared_out(sizes: Sequence[int], room: int) -> list[int]:
    """Return how many of each part are kept: half of what is left for each but the last.

    The first parts, what went wrong, get most; what one does not need goes to the next, and what
    is left at the end back to the first.
    """
    kept = []
    left = room
    for place, size in enumerate(sizes):
        share = left if place == len(sizes) - 1 else math.ceil(left / 2)
        kept.append(min(size, share))
        left -= kept[-1]
    for place, size in enumerate(sizes):
        more = min(size - kept[place], left)
        kept[place] += more
        left -= more
    return kept


def _judged(item: Item) -> str:
    counts = item.counts
    if counts.get("lies"):
        return "Lies struck" if counts["lies"][0] else "Lies that stood"
    if counts.get("truths"):
        return "Truths struck" if counts["truths"][0] else "Truths that stood"
    if len(support := counts.get("support", ())) == 4:
        return _rightly(support[1] + support[3] == support[0] + support[2])
    told = [counts[name][0] for name in WHOLE if counts.get(name)]
    return _rightly(all(told)) if told else "Not judged"


WHOLE = ("followed", "real_citations", "written_conforms", "whole_conforms")
"""Counts that are 1 where all is as it should be."""


def _rightly(is_right: bool) -> str:
    return "Judged rightly" if is_right else "Judged wrongly"


def _errors(item: Item) -> int:
    return sum(
        len(triples(item.shown.get(name)))
        for name in ("missed", "invented", "missed_relations", "wrong_relations")
    )


def _ms(item: Item) -> float:
    if "ms" in item.counts:
        return float(item.counts["ms"][0])
    return 1000 * float(item.counts.get("seconds", (0.0,))[0])


def _weight(task: str, item: Item) -> float:
    """Return what comes first within a part: most errors, most confident."""
    if task == "extraction":
        return float(_errors(item))
    confidence = item.shown.get("confidence")
    return float(confidence) if isinstance(confidence, int | float) else 0.0


def _others(run: Run) -> dict[tuple[str, str], dict[str, str]]:
    """Return what became of each case with the other systems."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for item in run.items:
        if item.system != run.main_system:
            found[item.group, item.case][item.system] = fate(run.task, item)
    return found


def _part(
    task: str, part: Part, n: int, others: Mapping[tuple[str, str], Mapping[str, str]]
) -> Markup:
    shown = [
        one_case(task, item, part, others.get((item.group, item.case), {}))
        for item in part.items[:n]
    ]
    return folded(part.name, part.tone, shown, len(part.items))


def folded(name: str, tone: str, shown: Sequence[Markup], total: int) -> Markup:
    """Return a part of cases, most of a long one folded; ``total`` counts those left out too."""
    more = Markup("")
    if len(shown) > OPEN:
        more = Markup('<details class="more"><summary>{} more</summary>{}</details>').format(
            len(shown) - OPEN, Markup("").join(shown[OPEN:])
        )
    count = amount(total, "")
    if len(shown) < total:
        count = f"{len(shown)} of {count} shown"
    return Markup(
        '<section class="part"><h4><i class="key {tone}"></i>{name} '
        '<span class="n">{count}</span></h4>{shown}{more}</section>'
    ).format(tone=tone, name=name, count=count, shown=Markup("").join(shown[:OPEN]), more=more)


def one_case(task: str, item: Item, part: Part, others: Mapping[str, str]) -> Markup:
    """Return one case, folded under its title."""
    tags = [
        str(value).replace("_", " ")
        for name, value in item.tags.items()
        if name != "outcome" and value
    ]
    about = [item.group, *tags, f"case {item.case}"]
    beside = Markup("")
    if others:
        beside = Markup('<p class="others">Other systems: {}</p>').format(
            Markup(" · ").join(
                Markup('{} <b class="{}">{}</b>').format(
                    cut(system, 60), TONES.get(what, "idle"), what.lower()
                )
                for system, what in others.items()
            )
        )
    return Markup(
        '<details class="case"><summary>{title}{errors}</summary>{body}{beside}'
        '<p class="tags">{about}</p></details>'
    ).format(
        title=title_of(item.shown, item.case),
        errors=_error_count(task, item),
        body=body(item.shown),
        beside=beside,
        about=cut(" · ".join(about), 300),
    )


def _error_count(task: str, item: Item) -> Markup:
    if task == "speed":
        return Markup(' <span class="n">{}, {}</span>').format(
            cut(item.group, 80), with_unit(_ms(item), "ms")
        )
    errors = _errors(item) if task == "extraction" else 0
    return Markup(' <span class="n">{} errors</span>').format(errors) if errors else Markup("")

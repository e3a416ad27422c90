"""The cases that two runs measured differently: what one got and the other did not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from eval.items import KGRAG
from eval.measures import MEASURES, value
from eval.report.bodies import body, title_of
from eval.report.cases import folded, shared_out
from eval.report.wording import amount, cut

Record = Mapping[str, Any]

MOST = 100
"""Changed cases of a page: each holds two."""

FATES: Mapping[str, str] = {
    "B lost": "bad",
    "B got": "good",
    "Changed, neither better nor worse": "idle",
}


def changed_cases(changed: Sequence[Record]) -> Markup:
    """Return the cases that differ, by who did better, kgrag's and the most different first."""
    by_case: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for record in changed:
        by_case[record["group"], record["system"], record["case"]].append(record)
    if not by_case:
        return Markup("<p>No case changed.</p>")
    fates: dict[str, list[list[Record]]] = {name: [] for name in FATES}
    for records in sorted(
        by_case.values(), key=lambda found: (found[0]["system"] != KGRAG, -len(found))
    ):
        fates[_fate([gain(record) for record in records])].append(records)
    kept = shared_out([len(found) for found in fates.values()], MOST)
    return Markup('<div class="cases">{}</div>').format(
        Markup("").join(
            folded(name, FATES[name], [_case(one) for one in found[:n]], len(found))
            for (name, found), n in zip(fates.items(), kept, strict=True)
            if found
        )
    )


def gain(record: Record) -> float:
    """Return by how much B is better in a count of one case; 0 where neither way is better.

    The first measure that is made of the count decides.
    """
    measure = next((one for one in MEASURES.values() if one.counts == record["measure"]), None)
    if measure is None or not measure.better:
        return 0.0
    one, other = (value(measure, np.array([record[side]], np.float64)) for side in ("one", "other"))
    return other - one if measure.better == "higher" else one - other


def _fate(gains: Sequence[float]) -> str:
    total = sum(gains)
    names = list(FATES)
    return names[0] if total < 0 else names[1] if total > 0 else names[2]


def _case(records: Sequence[Record]) -> Markup:
    first = records[0]
    counts = "; ".join(
        f"{record['measure'].replace('_', ' ')}: {_columns(record['one'])} → "
        f"{_columns(record['other'])}"
        for record in records
    )
    sides = Markup("").join(
        Markup('<div class="side"><h5>{}</h5>{}</div>').format(name, body(shown))
        for name, shown in (("A", first["shown_one"]), ("B", first["shown_other"]))
    )
    about = " · ".join(map(str, (first["group"], first["system"], f"case {first['case']}")))
    return Markup(
        '<details class="case"><summary>{title}{system}</summary><p class="others">{counts}</p>'
        '<div class="sides">{sides}</div><p class="tags">{about}</p></details>'
    ).format(
        title=title_of(first["shown_one"], str(first["case"])),
        system=""
        if first["system"] == KGRAG
        else Markup(' <span class="n">{}</span>').format(cut(first["system"], 60)),
        counts=cut(counts, 400),
        sides=sides,
        about=cut(about, 300),
    )


def _columns(columns: Sequence[float]) -> str:
    return "/".join(amount(int(one) if one == int(one) else one, "") for one in columns)

"""All numbers of a run: a line for each group and system, a column for each measure."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from eval.measures import MEASURES
from eval.report.measured import families
from eval.report.reading import Row, Run
from eval.report.tiles import bar, top_of
from eval.report.wording import amount, cases, cut, first_upper, spread

Place = tuple[str, str]
"""(group, system)."""


def tables(run: Run) -> Markup:
    """Return the tables of a run, one for each family of measures that it has."""
    by_name = families({row["measure"] for row in run.rows})
    return Markup("").join(_table(title, names, run) for title, names in by_name.items())


def _table(title: str, names: Sequence[str], run: Run) -> Markup:
    cells: dict[Place, dict[str, Row]] = {}
    for row in run.rows:
        if row["measure"] in names:
            cells.setdefault((row["group"], row["system"]), {})[row["measure"]] = row
    found = [row for own in cells.values() for row in own.values()]
    tops = {name: max(top_of(row) for row in found if row["measure"] == name) for name in names}
    best = _best(found)
    groups = [group for group in run.groups if any(place[0] == group for place in cells)]
    order = [
        (group, system) for group in groups for system in run.systems if (group, system) in cells
    ]
    lines = [
        _line(
            place, names, cells[place], tops, best, is_again=at > 0 and order[at - 1][0] == place[0]
        )
        for at, place in enumerate(order)
    ]
    return Markup(
        '<h3>{title}</h3><div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        '<table class="numbers"><thead><tr><th scope="col">Group</th><th scope="col">System</th>'
        '<th scope="col" class="num">n</th>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'
    ).format(
        title=title,
        heads=Markup("").join(_head(found, name) for name in names),
        lines=Markup("").join(lines),
    )


def _best(rows: Sequence[Row]) -> set[tuple[str, str, str]]:
    """Return (group, system, measure) of the best of several systems, measured on as many cases."""
    by_measure: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["better"]:
            by_measure.setdefault((row["group"], row["measure"]), []).append(row)
    found = set()
    for (group, measure), rivals in by_measure.items():
        if len(rivals) > 1 and len({row["n"] for row in rivals}) == 1:
            choose = max if rivals[0]["better"] == "higher" else min
            top = choose(row["value"] for row in rivals)
            found |= {(group, row["system"], measure) for row in rivals if row["value"] == top}
    return found


def _head(rows: Sequence[Row], name: str) -> Markup:
    row = next(row for row in rows if row["measure"] == name)
    arrow = {"higher": "↑", "lower": "↓"}.get(row["better"], "")
    formula = MEASURES[name].formula if name in MEASURES else ""
    unit = f", {row['unit']}" if row["unit"] else ""
    return Markup(
        '<th scope="col" class="num" title="{formula}">{title}'
        '<span class="way">{unit} <b>{arrow}</b><span class="hidden">{way}</span></span></th>'
    ).format(
        formula=formula,
        title=first_upper(row["title"]),
        unit=unit,
        arrow=arrow,
        way=f"{row['better']} is better" if row["better"] else "",
    )


def _line(
    place: Place,
    names: Sequence[str],
    own: Mapping[str, Row],
    tops: Mapping[str, float],
    best: set[tuple[str, str, str]],
    *,
    is_again: bool,
) -> Markup:
    most = max(int(row["n"]) for row in own.values())
    cells = [
        _cell(own.get(name), tops[name], most, is_best=(*place, name) in best) for name in names
    ]
    return Markup(
        '<tr{again}><th scope="row"><span title="{group}">{group}</span></th>'
        '<td class="system">{system}</td><td class="num" data-v="{n}">{shown}</td>{cells}</tr>'
    ).format(
        again=Markup(' class="again"') if is_again else "",
        group=cut(place[0], 120),
        system=cut(place[1], 80),
        n=most,
        shown=amount(most, ""),
        cells=Markup("").join(cells),
    )


def _cell(row: Row | None, top: float, most: int, *, is_best: bool) -> Markup:
    if row is None:
        return Markup('<td class="num none" data-v="">–</td>')
    few = Markup("<small>{}</small>").format(cases(row["n"])) if row["n"] != most else ""
    return Markup(
        '<td class="num" data-v="{raw}"><span class="value{best}">{value}</span>{bar}'
        "<small>{interval}</small>{few}</td>"
    ).format(
        raw=row["value"],
        best=" best" if is_best else "",
        value=amount(row["value"], row["unit"]),
        bar=bar(row, top),
        interval=spread(row),
        few=few,
    )

"""The first numbers of a run, large, each with its interval and the baseline beside."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from eval.report.measured import headlines
from eval.report.reading import Row, Run
from eval.report.wording import amount, cases, cut, first_upper, signed, spread, with_unit

MOST = 8
EACH = 4
"""Tiles of one measure while others wait."""


def tiles(run: Run) -> Markup:
    """Return the tiles of a run; nothing where nothing was measured yet."""
    rows = _chosen(run)
    if not rows:
        return Markup("")
    tops: dict[str, float] = {}
    for row in rows:
        tops[row["measure"]] = max(tops.get(row["measure"], 0.0), top_of(row))
    return Markup('<div class="tiles" style="--columns:{}">{}</div>').format(
        columns(len(rows)),
        Markup("").join(_tile(row, tops[row["measure"]], run) for row in rows),
    )


def columns(count: int) -> int:
    """Return how many tiles stand side by side, so that no row is much shorter than the others."""
    return count if count <= 4 else 3 if count in (5, 6) else 4


def top_of(row: Row) -> float:
    """Return where a bar of this row's measure should end at least."""
    return 1.0 if row["unit"] == "%" else max(float(row["high"]), 1e-9)


def bar(row: Row, top: float, *, mark: object = None) -> Markup:
    """Return a thin bar: the interval, the value on it, and a mark where the baseline is."""

    def at(value: object) -> str:
        share = float(value) / top if isinstance(value, int | float) else 0.0
        return f"{100 * min(max(share, 0.0), 1.0):.1f}%"

    return Markup(
        '<span class="bar" aria-hidden="true"><i style="left:{low};right:calc(100% - {high})"></i>'
        '{mark}<b style="left:{value}"></b></span>'
    ).format(
        low=at(row["low"]),
        high=at(row["high"]),
        value=at(row["value"]),
        mark="" if mark is None else Markup('<u style="left:{}"></u>').format(at(mark)),
    )


def _chosen(run: Run) -> list[Row]:
    """Return the rows of the tiles: a few groups of each headline, then what else has room."""
    own = [row for row in run.rows if row["system"] == run.main_system]
    names = headlines(run.task, {row["measure"] for row in own})
    by_name = {name: [row for row in own if row["measure"] == name] for name in names}
    share = max(EACH, MOST // max(len(names), 1))
    first = [row for name in names for row in by_name[name][:share]]
    rest = [row for name in names for row in by_name[name][share:]]
    return _in_order([*first, *rest][:MOST], names)


def _in_order(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    return sorted(rows, key=lambda row: names.index(row["measure"]))


def _tile(row: Row, top: float, run: Run) -> Markup:
    baseline = row.get("baseline")
    beside, mark = Markup(""), None
    if isinstance(baseline, Mapping):
        mark = baseline["value"]
        beside = _beside(
            row, baseline, run.number(row["group"], baseline["system"], row["measure"])
        )
    return Markup(
        '<div class="tile"><span class="what">{title}</span><span class="where">{group}</span>'
        '<span class="big">{value}</span>{bar}'
        '<span class="small">{interval}{n}</span>{beside}</div>'
    ).format(
        title=first_upper(row["title"]),
        group=cut(row["group"], 80),
        value=with_unit(row["value"], row["unit"]),
        bar=bar(row, top, mark=mark),
        interval=f"95\u202f%: {spread(row)} · " if row["n"] != 1 else "",
        n=cases(row["n"]),
        beside=beside,
    )


def _beside(row: Row, baseline: Row, rival: Row | None) -> Markup:
    """Return the baseline, and the difference where both were measured on as many cases."""
    unit = row["unit"]
    if rival is not None and rival["n"] != row["n"]:
        return Markup('<span class="beside">{}: {}, {}</span>').format(
            cut(baseline["system"], 40), amount(baseline["value"], unit), cases(rival["n"])
        )
    return Markup('<span class="beside">{}: {}, <span class="{}">{}</span></span>').format(
        cut(baseline["system"], 40),
        amount(baseline["value"], unit),
        _tone(row, baseline),
        signed(float(row["value"]) - float(baseline["value"]), unit),
    )


def _tone(row: Row, baseline: Row) -> str:
    """Return the colour of a difference: none where the baseline lies within the interval."""
    if not row["better"] or row["low"] <= baseline["value"] <= row["high"]:
        return "same"
    return "up" if (row["value"] > baseline["value"]) == (row["better"] == "higher") else "down"

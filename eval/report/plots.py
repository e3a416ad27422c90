"""Which drawings a run gets: all that its items and rows can tell."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from markupsafe import Markup

from eval.items import Item
from eval.report.measured import SPANS, headlines
from eval.report.plots_bars import bars
from eval.report.plots_curves import counted, latency, recall_by_depth, risk_coverage
from eval.report.plots_dots import Line, dots, mark_of, said_of, share_line
from eval.report.plots_matrix import confusions_of, matrix
from eval.report.plots_reliability import reliability
from eval.report.reading import Run, once
from eval.report.wording import cases, first_upper, records

MOST_GROUPS = 6
"""Drawings of one kind, the groups with the most cases first: more than a reader compares."""

MOST_LINES = 7


def drawings(run: Run) -> Markup:
    """Return all drawings of a run, one after another; nothing where there is nothing to draw."""
    kinds: tuple[Callable[[Run], Iterator[Markup]], ...] = (
        _spans, _systems, _recall, _outcomes, _risk, _lies, _verdicts, _confusions, _reliability,
        _latency,
    )  # fmt: skip
    found = [drawing for kind in kinds for drawing in kind(run) if drawing]
    if not found:
        return Markup("")
    return Markup('<div class="plots">{}</div>').format(Markup("").join(found))


def _spans(run: Run) -> Iterator[Markup]:
    """Precision, recall and F1 of what was found, by group."""
    names = ("F1", "precision", "recall")
    for what, title in SPANS.items():
        lines, sizes = [], []
        for group in run.groups:
            rows = [
                run.number(group, run.main_system, f"{what}_{name}")
                for name in ("f1", "precision", "recall")
            ]
            known = [row for row in rows if row is not None]
            if len(known) == len(rows):
                marks = tuple(mark_of(row, f"t{number}") for number, row in enumerate(known))
                lines.append(Line(group, f"F1 {said_of(known[0])}", marks))
                sizes.append(int(known[0]["n"]))
        if lines:
            key = Markup('<ul class="legend">{}</ul>').format(
                Markup("").join(
                    Markup('<li><i class="key t{}"></i>{}</li>').format(*one)
                    for one in enumerate(names)
                )
            )
            yield dots(
                f"{title}: F1, precision and recall", lines, across="% (95 % intervals)",
                unit="%", n=f"{_sizes(sizes)} texts", below=key,
            )  # fmt: skip


def _systems(run: Run) -> Iterator[Markup]:
    """What comes first of a task, all systems beside each other."""
    if len(run.systems) < 2:
        return
    present = {row["measure"] for row in run.rows}
    for name in headlines(run.task, present)[:2]:
        for group in _largest(run, run.items):
            rows = [run.number(group, system, name) for system in run.systems]
            known = [row for row in rows if row is not None]
            if len(known) > 1:
                lines = [
                    Line(
                        row["system"],
                        said_of(row),
                        (mark_of(row, "main" if row["system"] == run.main_system else "other"),),
                    )
                    for row in known
                ]
                unit = known[0]["unit"]
                way = f", {known[0]['better']} is better" if known[0]["better"] else ""
                yield dots(
                    f"{first_upper(known[0]['title'])}: {group}", lines,
                    across=f"{unit}{way}".lstrip(", "), unit=unit,
                    n=_sizes([row["n"] for row in known]),
                )  # fmt: skip


def _recall(run: Run) -> Iterator[Markup]:
    """Recall at k by kind of question."""
    having = once(item for item in run.items if "recall_1" in item.counts)
    for kind, items in _split(having, lambda item: item.tags.get("kind") or "all questions"):
        yield recall_by_depth(f"Needed documents found: {kind.replace('_', ' ')}", items)


def _outcomes(run: Run) -> Iterator[Markup]:
    """What became of questions, by system."""
    order = ("right", "declined rightly", "declined", "wrong")
    having = [item for item in run.items if "outcome" in item.tags]
    for group, items in _split(having, lambda item: item.group):
        lines: dict[str, Counter[str]] = defaultdict(Counter)
        for item in sorted(items, key=lambda item: item.system != run.main_system):
            lines[item.system][item.tags["outcome"]] += 1
        yield bars(
            f"What became of questions: {group}", lines, _ordered(order, lines.values()), "answers"
        )


def _risk(run: Run) -> Iterator[Markup]:
    having = [item for item in run.items if len(item.counts.get("risk", ())) == 2]
    for group, items in _split(having, lambda item: item.group):
        systems = counted(items, "risk")
        yield risk_coverage(group, dict(list(systems.items())[:MOST_LINES]))


def _lies(run: Run) -> Iterator[Markup]:
    """Lies and truths struck, by kind and language."""
    for name, title, way in (
        ("lies", "Lies struck, by kind", "% of the lies, higher is better"),
        ("truths", "Truths struck, by kind", "% of the truths, lower is better"),
    ):
        struck: dict[str, list[float]] = defaultdict(list)
        for item in run.own_cases:
            if name in item.counts:
                kind = item.tags.get("kind") or item.group
                language = item.tags.get("language", "")
                label = f"{kind.replace('_', ' ')}{f', {language}' if language else ''}"
                struck[label].append(item.counts[name][0])
        if struck:
            lines = [
                share_line(label, round(sum(found)), len(found))
                for label, found in sorted(
                    struck.items(), key=lambda one: sum(one[1]) / len(one[1])
                )
            ]
            n = sum(len(found) for found in struck.values())
            yield dots(title, lines, across=way, unit="%", n=cases(n))


def _verdicts(run: Run) -> Iterator[Markup]:
    """What was said of claims by kind, and of the sentences of answers by system."""
    order = ("supported", "partly", "unsupported", "contradicted", "not_shown")
    claims: dict[str, Counter[str]] = defaultdict(Counter)
    sentences: dict[str, Counter[str]] = defaultdict(Counter)
    for item in once(run.items):
        if item.shown.get("verdict"):
            claims[item.tags.get("kind") or item.group][str(item.shown["verdict"])] += 1
        for sentence in records(item.shown.get("sentences")):
            if sentence.get("verdict"):
                sentences[item.system][str(sentence["verdict"])] += 1
    if claims:
        named = {kind.replace("_", " "): counts for kind, counts in claims.items()}
        yield bars("Verdicts by kind of claim", named, _ordered(order, claims.values()), "claims")
    if len(set().union(*sentences.values())) > 1:
        yield bars(
            "Verdicts on written sentences",
            sentences,
            _ordered(order, sentences.values()),
            "sentences",
        )


def _confusions(run: Run) -> Iterator[Markup]:
    yield matrix("Types taken for each other", confusions_of(run.own_cases))


def _reliability(run: Run) -> Iterator[Markup]:
    having = [item for item in run.own_items() if "calibration" in item.counts]
    for group, items in _split(having, lambda item: item.group):
        yield reliability(f"Is a score what it says? {group}", items)


def _latency(run: Run) -> Iterator[Markup]:
    having = [item for item in run.items if item.counts.get("ms", (0.0,))[0] > 0]
    if run.task != "speed":
        having = once(having)
    if run.task == "speed":
        times = {
            group: next(iter(counted(items, "ms").values()))
            for group, items in list(_split(having, lambda item: item.group, MOST_LINES))
        }
    else:
        times = dict(list(counted(having, "ms").items())[:MOST_LINES])
    if times:
        yield latency("How long a case takes", times)


def _largest(run: Run, items: Iterable[Item]) -> list[str]:
    sizes = Counter(item.group for item in items)
    return [group for group in run.groups if group in dict(sizes.most_common(MOST_GROUPS))]


def _split(
    items: Sequence[Item], by: Callable[[Item], str], most: int = MOST_GROUPS
) -> Iterator[tuple[str, list[Item]]]:
    """Yield the largest parts of the items, in the order in which they came."""
    parts: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        parts[by(item)].append(item)
    kept = set(sorted(parts, key=lambda name: -len(parts[name]))[:most])
    yield from ((name, part) for name, part in parts.items() if name in kept)


def _sizes(sizes: Sequence[int]) -> str:
    """Return how many cases each line is of: groups may be parts of one another."""
    least, most = min(sizes), max(sizes)
    return cases(most) if least == most else f"{cases(least)} to {most}"


def _ordered(order: Sequence[str], lines: Iterable[Counter[str]]) -> list[str]:
    """Return the parts in their order, unknown ones at the end."""
    return list(dict.fromkeys([*order, *sorted({part for line in lines for part in line})]))

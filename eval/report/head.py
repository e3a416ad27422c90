"""The top of a run's page: what was measured, when and with what; and what to beware of."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from markupsafe import Markup

from eval.report.reading import Run
from eval.report.wording import (
    ABOUT,
    amount,
    cut,
    lasted,
    masked,
    moment,
    records,
    task_title,
    texts,
)

LONG_LIST = 8
"""Lines of a list of warnings that stand open."""


def head(run: Run, level: int = 1) -> Markup:
    """Return the heading of a run, its facts, its sets and its warnings."""
    about = ABOUT.get(run.task, "")
    return Markup(
        '<header class="head"><h{level}>{title}</h{level}><p class="about">{about}</p>{facts}'
        "</header>{warnings}{sets}"
    ).format(
        level=level,
        title=task_title(run.task),
        about=about,
        facts=facts(_facts(run.summary)),
        warnings=warnings(run),
        sets=_sets(records(run.summary.get("sets"))),
    )


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Return names and values side by side; values that are empty are left out."""
    return Markup('<dl class="facts">{}</dl>').format(
        Markup("").join(
            Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value)
            for name, value in pairs
            if value not in ("", None)
        )
    )


def _facts(summary: Mapping[str, Any]) -> list[tuple[str, object]]:
    memory = summary.get("peak_memory_mb")
    return [
        ("Started", moment(summary["started"]) if summary.get("started") else ""),
        ("Took", lasted(summary["seconds"]) if summary.get("seconds") is not None else ""),
        ("Peak memory", f"{amount(memory, 'MB')}\u202fMB" if memory is not None else ""),
        ("Model", model_words(summary.get("model"))),
        ("Library", _library(summary.get("library"))),
        ("Commit", _commit(summary)),
        ("Seed", summary.get("seed")),
        ("Resumed", _resumed(summary.get("resumed"))),
    ]


def model_words(model: object) -> str:
    """Return a model with its endpoint, without a password that the address may hold."""
    if not isinstance(model, Mapping):
        return "none (quotations only)"
    return cut(masked(f"{model.get('model') or 'unnamed'} at {model.get('endpoint')}"), 200)


def _library(library: object) -> str:
    """Return the name of a library, not the path: reports are passed on."""
    if not isinstance(library, Mapping):
        return ""
    count = library.get("documents")
    count = len(count) if isinstance(count, list | tuple | dict) else count
    name = PurePath(str(library.get("folder") or "")).name
    version = library.get("version")
    return cut(
        f"{name}, {amount(count, '')} documents" + (f", version {version}" if version else ""), 200
    )


def _commit(summary: Mapping[str, Any]) -> str:
    if not summary.get("commit"):
        return ""
    return f"{str(summary['commit'])[:12]}{', changed since' if summary.get('dirty') else ''}"


def _resumed(resumed: object) -> str:
    dates = [moment(one.get("date")) for one in records(resumed)]
    return f"{len(dates)} times, last {dates[-1]}" if dates else ""


def _sets(sets: Sequence[Mapping[str, Any]]) -> Markup:
    if not sets:
        return Markup("")
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="num">{}</td><td>{}</td></tr>').format(
            cut(one.get("name", ""), 200), amount(one.get("n"), ""), cut(one.get("licence"), 200)
        )
        for one in sets
    )
    return Markup(
        '<div class="scroll"><table class="sets"><thead><tr><th scope="col">Set</th>'
        '<th scope="col" class="num">Cases</th><th scope="col">Licence</th></tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(rows)


def warnings(run: Run) -> Markup:
    """Return the box of what went wrong, or is not there yet; nothing where all is well."""
    found = [*_unfinished(run), *_failures(run), *_skipped(run)]
    if not found:
        return Markup("")
    return Markup('<aside class="warn" aria-label="Warnings">{}</aside>').format(
        Markup("").join(found)
    )


def _unfinished(run: Run) -> list[Markup]:
    if run.is_finished:
        return []
    done, total = run.progress.get("done"), run.progress.get("total")
    how_far = f"{done} of {total} cases" if total else f"{len(run.own_items())} cases"
    return [
        Markup(
            "<p><b>This run has not ended: {far} so far.</b> What follows is of these alone. "
            "Go on with <code>kgrag-eval resume {name}</code></p>"
        ).format(far=how_far, name=run.name or "FOLDER")
    ]


def _failures(run: Run) -> list[Markup]:
    failures = records(run.summary.get("failures"))
    if not failures:
        return []
    lines = [f"{one.get('case', '')}: {one.get('message', '')}" for one in failures]
    title = f"{len(lines)} cases could not be measured, and are in no number."
    if len(lines) == 1:
        title = "One case could not be measured, and is in no number."
    return [_listed(title, lines)]


def _skipped(run: Run) -> list[Markup]:
    found = []
    for one in records(run.summary.get("sets")):
        lines = texts(one.get("skipped"))
        if lines:
            word = "line" if len(lines) == 1 else "lines"
            found.append(_listed(f"{one.get('name')}: {len(lines)} {word} left out.", lines))
    return found


def _listed(title: str, lines: Sequence[str]) -> Markup:
    """Return a list under its title; a long one folded, and a very long one cut."""
    shown = Markup("").join(
        Markup("<li>{}</li>").format(masked(cut(line, 400))) for line in lines[:100]
    )
    if len(lines) > 100:
        shown += Markup("<li>and {} more</li>").format(len(lines) - 100)
    if len(lines) <= LONG_LIST:
        return Markup("<p><b>{}</b></p><ul>{}</ul>").format(title, shown)
    return Markup("<details><summary><b>{}</b></summary><ul>{}</ul></details>").format(title, shown)

"""What is shown of one case: question, expected and given answer, evidence, errors.

Each takes ``Item.shown`` of its task as it stands in the file, whatever that holds.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from eval.report.wording import cut, records, texts, triples, with_unit

Shown = Mapping[str, Any]

STRUCK = ("unsupported", "contradicted")
"""Verdicts on which kgrag strikes a sentence."""


def body(shown: Shown) -> Markup:
    """Return the inside of a case: what is shown tells which task it is of."""
    known = next((draw for name, draw in BODIES.items() if name in shown), None)
    return known(shown) if known else _pairs(_plain(shown))


def title_of(shown: Shown, case: str) -> str:
    """Return the line that names a case."""
    return cut(next((shown[name] for name in TITLES if shown.get(name)), case), 220)


def _answers(shown: Shown) -> Markup:
    confidence = shown.get("confidence")
    sure = with_unit(confidence, "%") if isinstance(confidence, int | float) else ""
    pairs: list[tuple[str, object]] = [
        ("Expected", _alternatives(texts(shown.get("expected")))),
        ("Answer", cut(shown.get("answer") or "none: declined")),
        ("Why", cut(shown["why"]) if shown.get("why") else ""),
        (
            "Mode",
            ", ".join(filter(None, [str(shown.get("mode") or ""), sure and f"confidence {sure}"])),
        ),
        ("Evidence wanted", _quotes(records(shown.get("evidence")))),
        ("Cited", _quotes(records(shown.get("citations")))),
        ("Sentences doubted", _sentences(records(shown.get("sentences")))),
    ]
    return _pairs(pairs)


def _retrieval(shown: Shown) -> Markup:
    needed, found = texts(shown.get("needed")), texts(shown.get("found"))
    ranked = Markup("").join(
        Markup('<li class="{}">{}{}</li>').format(
            "hit" if name in needed else "",
            name,
            Markup(' <span class="mark good">✓ needed</span>') if name in needed else "",
        )
        for name in found
    )
    missing = [name for name in needed if name not in found]
    return _pairs(
        [
            ("Found", Markup('<ol class="ranked">{}</ol>').format(ranked) if found else "nothing"),
            ("Not among them", _list(missing)),
        ]
    )


def _extraction(shown: Shown) -> Markup:
    return _pairs(
        [
            ("Text", cut(shown.get("text") or "")),
            ("Missed", _chips(triples(shown.get("missed")))),
            ("Invented", _chips(triples(shown.get("invented")))),
            ("Relations missed", _facts(triples(shown.get("missed_relations")))),
            ("Relations wrong", _facts(triples(shown.get("wrong_relations")))),
        ]
    )


def _grounding(shown: Shown) -> Markup:
    cited = shown.get("cited")
    quotes = records(cited)
    return _pairs(
        [
            ("Question", cut(shown.get("question") or "")),
            ("Claim", cut(shown.get("claim") or "")),
            ("Cited", _quotes(quotes) if quotes else _list(texts(cited))),
            ("Verdict", str(shown.get("verdict") or "").replace("_", " ")),
            ("Reason", cut(shown.get("reason") or "")),
        ]
    )


def _plain(shown: Shown) -> list[tuple[str, object]]:
    return [(name.replace("_", " ").capitalize(), cut(value)) for name, value in shown.items()]


BODIES: Mapping[str, Callable[[Shown], Markup]] = {
    "claim": _grounding,
    "needed": _retrieval,
    "missed": _extraction,
    "answer": _answers,
}
"""How a case is shown, by a name that only its kind shows."""

TITLES = ("claim", "question", "text", "what")


def _pairs(pairs: Sequence[tuple[str, object]]) -> Markup:
    return Markup('<dl class="case-body">{}</dl>').format(
        Markup("").join(
            Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in pairs if value
        )
    )


def _alternatives(answers: Sequence[str]) -> Markup | str:
    return Markup(' <span class="or">or</span> ').join(answers) if answers else ""


def _list(names: Sequence[str]) -> Markup | str:
    if len(names) < 2:
        return "".join(names)
    items = Markup("").join(Markup("<li>{}</li>").format(name) for name in names)
    return Markup("<ul>{}</ul>").format(items)


def _quotes(quotes: Sequence[Shown]) -> Markup | str:
    if not quotes:
        return ""
    return Markup("").join(_quote(one) for one in quotes[:20])


def _quote(one: Shown) -> Markup:
    mark = Markup("")
    if one.get("right") is not None:
        is_right = bool(one["right"])
        mark = Markup(' <span class="mark {}">{}</span>').format(
            "good" if is_right else "bad", "✓ expected" if is_right else "✕ not expected"
        )
    page = f", page {one['page']}" if one.get("page") is not None else ""
    number = Markup('<span class="chip">{}</span> ').format(one["n"]) if one.get("n") else ""
    return Markup("<blockquote>{}{}<footer>{}{}{}</footer></blockquote>").format(
        number, cut(one.get("quote") or "any passage"), cut(one.get("document") or ""), page, mark
    )


def _sentences(sentences: Sequence[Shown]) -> Markup | str:
    doubted = [one for one in sentences if one.get("verdict") not in (None, "supported")]
    return Markup("").join(_doubted(one) for one in doubted[:20]) if doubted else ""


def _doubted(one: Shown) -> Markup:
    tag = "s" if one["verdict"] in STRUCK else "span"
    return Markup(
        '<p class="doubted"><{tag}>{text}</{tag}><br><small><b>{verdict}</b> {reason}</small></p>'
    ).format(
        tag=tag,
        text=cut(one.get("text") or ""),
        verdict=str(one["verdict"]).replace("_", " "),
        reason=cut(one.get("reason") or ""),
    )


def _chips(pairs: Sequence[tuple[str, ...]]) -> Markup | str:
    return Markup(" ").join(
        Markup('<span class="thing">{} <small>{}</small></span>').format(
            cut(pair[0], 200), " ".join(pair[1:])
        )
        for pair in pairs[:60]
        if pair
    )


def _facts(facts: Sequence[tuple[str, ...]]) -> Markup | str:
    return _list([cut(" → ".join(fact), 300) for fact in facts[:40]])

"""Writes what is known of a shipped model: its card, and how three seeds of it did."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from indexes.text import Language
from kgrag.extract.bundled import MODELS_FOLDER, ModelConfig
from kgrag.train.calibration import Bin, calibration_error
from kgrag.train.corpora import TRAIN
from kgrag.train.evaluate import Report

Record = dict[str, Any]


def as_record(report: Report) -> Record:
    """Return a report as JSON would hold it, in percent."""
    return {
        "rows": [
            {
                "corpus": row.corpus,
                "task": row.task,
                "precision": round(100 * row.counts.precision, 2),
                "recall": round(100 * row.counts.recall, 2),
                "f1": round(100 * row.counts.f1, 2),
                "gold": row.counts.wanted,
            }
            for row in report.rows
        ],
        "mention_reliability": [vars(row) for row in report.mentions],
        "relation_reliability": [vars(row) for row in report.relations],
    }


def seeds_record(runs: Sequence[Path]) -> Record:
    """Return what ``evaluate --run`` found for runs that differ in their seeds alone."""
    results = [json.loads((run / "test.json").read_text("utf-8")) for run in runs]
    fits = [json.loads((run / "fit.json").read_text("utf-8")) for run in runs]
    rows = []
    for number, row in enumerate(results[0]["rows"]):
        values = [result["rows"][number]["f1"] for result in results]
        rows.append(
            {
                "corpus": row["corpus"],
                "task": row["task"],
                "gold": row["gold"],
                "f1": values,
                "mean": round(statistics.mean(values), 2),
                "sd": round(statistics.stdev(values), 2) if len(values) > 1 else None,
            }
        )
    return {
        "seeds": [fit["seed"] for fit in fits],
        "dev": [fit["dev"] for fit in fits],
        "cpu_minutes": [fit["cpu_minutes"] for fit in fits],
        "rows": rows,
    }


def fine_tunes_record(runs: Sequence[Path]) -> list[Record]:
    """Return what ``evaluate --run --scheme`` found for fine-tunes on one corpus each."""
    return [
        {"corpus": row["corpus"], "task": row["task"], "f1": row["f1"], "gold": row["gold"]}
        for run in runs
        for row in json.loads((run / "test.json").read_text("utf-8"))["rows"]
        if row["task"].endswith("its own convention")
    ]


def write_card(
    language: Language, runs: Sequence[Path], fine_tunes: Sequence[Path], commit: str, note: str
) -> Path:
    """Write ``seeds.json`` and the card of the shipped model, which is the first of these runs."""
    folder = MODELS_FOLDER / language
    seeds = {**seeds_record(runs), "fine_tunes": fine_tunes_record(fine_tunes)}
    (folder / "seeds.json").write_text(json.dumps(seeds, indent=1) + "\n", "utf-8")
    fit = json.loads((folder / "fit.json").read_text("utf-8"))
    test = json.loads((runs[0] / "test.json").read_text("utf-8"))
    path = folder / "card.md"
    path.write_text(_card(language, fit, test, seeds, commit, note), "utf-8")
    return path


def _card(
    language: Language, fit: Record, test: Record, seeds: Record, commit: str, note: str
) -> str:
    folder = MODELS_FOLDER / language
    labels = ModelConfig.load(folder).labels
    size = sum(path.stat().st_size for path in folder.glob("*.onnx")) / 1e6
    mentions = [Bin(**row) for row in test["mention_reliability"]]
    relations = [Bin(**row) for row in test["relation_reliability"]]
    first = test["rows"][0]["corpus"]
    return f"""# The {_NAMES[language]} extraction model

Finds mentions ({len(labels.types)} types) and relations between them ({len(labels.relations)}
types) in {_NAMES[language]} text. {_TRUNK[language]}, hashed features of spelling, gated dilated
convolutions, all spans up to ten tokens, attention among mentions, pairs of mentions within two
sentences. {fit["parameters"] / 1e6:.2f} M trained parameters, {size:.1f} MB, run by ONNX Runtime.
Written by `python -m kgrag.train card --language {language}`.

## Training
`{_command(language, fit)}`

Seed {fit["seed"]}, {fit["epochs"]} epochs (best on dev: {fit["epoch"]}), {fit["cpu_minutes"]}
{_clock(fit)}, {fit["texts"]} texts, {fit["tokens"]} tokens; commit {commit}. {note}
Strict F1 on dev: {", ".join(f"{name} {value}" for name, value in fit["dev"].items())}.

Data and licences:
{_list(_SOURCES[language])}

Files:
{_list(f"`{source.path}`" for source in TRAIN[language])}

## Results
Strict: borders and type of a mention; both mentions and the relation of a fact, over whole
documents. Where a corpus has coarser labels than the ontology, any type that its label admits is
right, and types and relations that it does not annotate do not count. A fact holds between
entities: any mentions of the two will do. "Its own convention": the same weights, asked to annotate
as this training corpus does; users get the general one. Test data neither trained nor steered the
model. P, R and F1 of the shipped seed; mean and standard deviation of F1 over seeds
{", ".join(map(str, seeds["seeds"]))}.

{_results(test, seeds)}

{_fine_tunes(seeds["fine_tunes"])}## How far scores can be trusted
On {first}, scores calibrated on dev (Platt): expected calibration error
{100 * calibration_error(mentions):.1f} % for mentions, {100 * calibration_error(relations):.1f} %
for relations.

{_reliability(mentions, relations)}

## Limits
Names unseen in training are missed more often than seen ones; a relation between mentions more than
two sentences apart is not looked for.
"""


def _command(language: Language, fit: Record) -> str:
    planned, taught = fit["planned"], fit.get("teachers", ())
    return (
        f"python -m kgrag.train fit --language {language} --data DIR --out RUN "
        f"--epochs {planned['epochs']} --minutes {planned['minutes']:g} --seed {fit['seed']} "
        f"--side-rate {fit['side_rate']:g}"
    ) + (f" --teachers {' '.join(taught)}" if taught else "")


def _clock(fit: Record) -> str:
    """Return what the minutes of a run are of; runs before GPUs were tried do not say."""
    return "minutes on a GPU" if fit.get("device") == "cuda" else "CPU minutes on one thread"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _results(test: Record, seeds: Record) -> str:
    lines = [
        "| corpus | task | P | R | F1 | mean | sd | gold |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row, seed in zip(test["rows"], seeds["rows"], strict=True):
        spread = "" if seed["sd"] is None else f"{seed['sd']:.1f}"
        lines.append(
            f"| {row['corpus']} | {row['task']} | {row['precision']:.1f} | {row['recall']:.1f} "
            f"| {row['f1']:.1f} | {seed['mean']:.1f} | {spread} | {row['gold']} |"
        )
    return "\n".join(lines)


def _fine_tunes(rows: Sequence[Record]) -> str:
    if not rows:
        return ""
    lines = [
        "The same model, fine-tuned on one corpus and measured on that alone; these do not ship.",
        "",
        "| corpus | task | F1 | gold |",
        "|---|---|---|---|",
        *(f"| {r['corpus']} | {r['task']} | {r['f1']:.1f} | {r['gold']} |" for r in rows),
    ]
    return "\n".join([*lines, "", ""])


def _reliability(mentions: Sequence[Bin], relations: Sequence[Bin]) -> str:
    lines = ["| | score | right | n |", "|---|---|---|---|"]
    for name, bins in (("mentions", mentions), ("relations", relations)):
        lines += [
            f"| {name} {row.low:.1f}-{row.high:.1f} | {row.score:.2f} | {row.right:.2f} "
            f"| {row.count} |"
            for row in bins
        ]
    return "\n".join(lines)


_NAMES: Mapping[str, str] = {"en": "English", "ru": "Russian"}

_TRUNK: Mapping[str, str] = {
    "en": "MiniLM (all-MiniLM-L6-v2, Apache-2.0: six layers, the upper four fine-tuned, their "
    "matrices rounded to 7 bits)",
    "ru": "Frozen static word vectors (navec, MIT, from the installed package), the frozen "
    "convolutions of slovnet's taggers of names, syntax and morphology (MIT, copied into the "
    "model)",
}

_SOURCES: Mapping[str, tuple[str, ...]] = {
    "ru": (
        "NEREL v1.1 train: texts of Russian Wikinews (CC BY 2.5), annotations published freely",
    ),
    "en": (
        "Re-DocRED dev (450 of 500 documents): MIT; text of Wikipedia, CC BY-SA 3.0",
        "KnowledgeNet, folds 1-2 without 203 passages kept for dev: CC BY-SA 4.0",
        "CoNLL04 train: no licence stated, published for research; the texts are not redistributed",
        "CrossRE politics, science, music (train, most of dev): GPL-3.0 repository, Wikipedia text",
        "SEC filings FIN5: CC BY 3.0",
        "GUM train without the documents marked non-commercial: CC BY 4.0, texts CC BY / BY-SA",
        "WNUT-17 train and three sections of the Broad Twitter Corpus: CC BY 4.0",
        "word lists and patterns of `kgrag.train.weak`, over all of these texts",
    ),
}

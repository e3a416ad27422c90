"""Fits and measures linking: ``python -m kgrag.train.linking --data DIR``.

A conditional logistic regression over the meanings of each cluster and none of them (McFadden,
1974), fitted to the train splits of NEREL, OKE and KnowledgeNet. What the catalogue knows flatters
whoever was asked to build it, so each third of the documents is linked to a catalogue built as if
that third, and every dev and test split, had never been seen. The threshold has the best mean
accuracy on NEREL dev and OKE-2015's evaluation part; OKE-2016's training part holds the latter, so
that it is no unseen text, but it is the only English one that nothing else is measured on.
Everything is measured twice: with the catalogue that ships, in which the entities of the tests are
(``shipped``), and with one built from train splits and open sources alone (``strict``). There an
entity that only a test mentions cannot be found, and counts as wrong.
"""

import argparse
import json
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.catalogue import Catalogue
from kgrag.link import WEIGHTS, CatalogueLinker, LinkModel, candidate_features, open_linker
from kgrag.meanings import FEATURES
from kgrag.train.catalogue import Sources, build
from kgrag.train.gold_links import GoldDocument, clusters_of, predicted, read_gold
from kgrag.train.sightings import CORPORA, Corpus, Sighting

FOLDS = 3
L2 = 1.0
"""Penalty on each weight but the bias, in units of one cluster's log likelihood."""

STEPS = 50
MIN_NIL_RECALL = 0.90
THRESHOLDS = np.arange(-3.0, 1.01, 0.5)
MAX_CLUSTER_WEIGHT = 5

FIT_ON = ("nerel/train", "oke-2015-train", "oke-2016-train", "knowledgenet/train")
TUNE_ON = ("nerel/dev", "oke-2015-eval")
MEASURE_ON = ("nerel/test", "kore50", "msnbc-updated", "oke-2016-eval", "reuters-128")
UNTYPED_SOURCES = ("elevant",)

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """What became of the gold mentions of one document, or of several added up.

    ``linked`` have a gold entity, ``reachable`` one that the catalogue holds; ``nil`` have none.
    """

    mentions: int = 0
    right: int = 0
    linked: int = 0
    reachable: int = 0
    predicted: int = 0
    right_links: int = 0
    nil: int = 0
    right_nil: int = 0

    def __add__(self, other: "LinkCounts") -> "LinkCounts":
        return LinkCounts(*(a + b for a, b in zip(_values(self), _values(other), strict=True)))

    @property
    def accuracy(self) -> float:
        """Share of all mentions that got their entity, or rightly none."""
        return self.right / max(self.mentions, 1)

    @property
    def linked_accuracy(self) -> float:
        """The same without mentions that have no entity: recall in the knowledge base."""
        return self.right_links / max(self.linked, 1)

    @property
    def inkb_f1(self) -> float:
        """Harmonic mean of the share of predicted links, and of gold links, that are right."""
        return 2 * self.right_links / max(self.predicted + self.linked, 1)

    @property
    def nil_recall(self) -> float:
        """Share of the mentions without an entity that were left without one."""
        return self.right_nil / max(self.nil, 1)

    @property
    def coverage(self) -> float:
        """Share of the gold entities' mentions whose entity the catalogue holds at all."""
        return self.reachable / max(self.linked, 1)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A benchmark with a catalogue; ``documents`` lets others draw confidence intervals."""

    benchmark: str
    catalogue: str
    documents: tuple[LinkCounts, ...]

    @property
    def total(self) -> LinkCounts:
        """All documents together."""
        return sum(self.documents, LinkCounts())


def _values(counts: LinkCounts) -> tuple[int, ...]:
    return tuple(asdict(counts).values())


@dataclass(frozen=True, slots=True)
class Choice:
    """The meanings of one cluster: ``right`` is the row of the right one, or -1 for none."""

    values: Array
    right: int
    weight: float


def main() -> None:
    """Fit, choose the threshold, measure, and write the weights with all numbers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with ie/, el/, catalogue/")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--measure-only", action="store_true", help="with the weights as they are")
    arguments = parser.parse_args()
    if not arguments.measure_only:
        record = fit_linking(arguments.data)
        arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(json.dumps(record, indent=1))
    for row in measure_linking(arguments.data, arguments.out):
        print(row.benchmark, row.catalogue, json.dumps(summary(row.total)))


def measure_linking(data: Path, weights: Path = WEIGHTS) -> list[LinkRow]:
    """Return what linking gets on each benchmark, gold mentions given, with both catalogues.

    Parameters
    ----------
    data:
        The folder with ``ie/``, ``el/``, ``qa/`` and ``catalogue/``.
    weights:
        The file that this module's command writes.
    """
    documents = _read(data, MEASURE_ON)
    model = LinkModel.load(weights)
    rows = [_measure(items, open_linker(weights=weights), "shipped") for items in documents]
    with tempfile.TemporaryDirectory() as folder:
        catalogue = _build(Sources.read(data), Path(folder) / "strict.sqlite", is_strict)
        rows += [
            _measure(items, CatalogueLinker(catalogue, model), "strict") for items in documents
        ]
        catalogue.close()
    return rows


def fit_linking(data: Path) -> dict[str, Any]:
    """Return weights, threshold, and how they were found, as ``LinkModel.load`` reads them."""
    sources = Sources.read(data)
    train = [document for documents in _read(data, FIT_ON) for document in documents]
    dev = _read(data, TUNE_ON)
    with tempfile.TemporaryDirectory() as folder:
        fold_catalogues = [
            _build(
                sources,
                Path(folder) / f"{fold}.sqlite",
                lambda item, fold=fold: is_strict(item) and _fold(item.document) != fold,  # type: ignore[misc]
            )
            for fold in range(FOLDS)
        ]
        strict = _build(sources, Path(folder) / "strict.sqlite", is_strict)
        model = LinkModel((0.0,) * len(FEATURES), 0.0)
        for _ in range(2):  # the second time with the company that the first time finds
            choices = [
                choice
                for document in train
                for choice in _choices(document, fold_catalogues[_fold(document.id)], model)
            ]
            model = LinkModel(tuple(fit(choices)), 0.0)
        threshold, chosen = _threshold(dev, strict, model)
        for catalogue in (*fold_catalogues, strict):
            catalogue.close()
    weights = [round(weight, 3) for weight in model.weights]
    return {
        "weights": dict(zip(FEATURES, weights, strict=True)),
        "threshold": threshold,
        "fitted_to": dict(sorted(Counter(document.corpus for document in train).items())),
        "clusters": len(choices),
        "tuned_on": TUNE_ON,
        "tuned": {row.benchmark: summary(row.total) for row in chosen},
        "seed": None,
        "command": "python -m kgrag.train.linking --data DIR",
    }


def summary(counts: LinkCounts) -> dict[str, float]:
    """Return counts and shares by name, rounded to four digits."""
    names = ("accuracy", "linked_accuracy", "inkb_f1", "nil_recall", "coverage")
    shares = {name: round(float(getattr(counts, name)), 4) for name in names}
    return {"mentions": counts.mentions, "nil": counts.nil} | shares


def is_strict(sighting: Sighting) -> bool:
    """Return whether a sighting may be known where tests are to be fair: train splits only."""
    return sighting.free and sighting.corpus.split == "train"


def fit(choices: Sequence[Choice]) -> Array:
    """Return the weights of a conditional logistic regression (Newton's method, L2)."""
    values = np.concatenate([choice.values for choice in choices])
    group = np.repeat(np.arange(len(choices)), [len(choice.values) for choice in choices])
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    weight = np.array([choice.weight for choice in choices])
    right = np.concatenate([_one_hot(choice) for choice in choices])
    scale = values.std(axis=0)
    scale[scale < 1e-9] = 1.0
    scaled = values / scale
    penalty = np.full(values.shape[1], L2)
    penalty[FEATURES.index("bias")] = 0.0
    solution = np.zeros(values.shape[1])
    for _ in range(STEPS):
        exponent = np.exp(np.clip(scaled @ solution, -30, 30))
        total = 1.0 + np.bincount(group, exponent, len(choices))
        p = exponent / total[group]
        gradient = scaled.T @ ((p - right) * weight[group]) + penalty * solution
        expected = np.add.reduceat(p[:, None] * scaled, starts)
        curvature = (scaled * (p * weight[group])[:, None]).T @ scaled
        curvature -= (expected * weight[:, None]).T @ expected
        step = np.linalg.solve(curvature + np.diag(penalty + 1e-6), gradient)
        size = float(np.abs(step).max())
        solution -= step * min(1.0, 2.0 / max(size, 1e-12))
        if size < 1e-4:
            break
    result: Array = solution / scale
    return result


def _one_hot(choice: Choice) -> Array:
    found = np.zeros(len(choice.values))
    if choice.right >= 0:
        found[choice.right] = 1.0
    return found


def _choices(document: GoldDocument, catalogue: Catalogue, model: LinkModel) -> Iterable[Choice]:
    clusters = clusters_of(document)
    linker = _linker(catalogue, model)
    considered = linker.consider([cluster for cluster, _ in clusters])
    company = linker.company(considered)
    for (_, members), item, known in zip(clusters, considered, company, strict=True):
        if not item.candidates:
            continue
        gold = Counter(document.qids[index] for index in members).most_common(1)[0][0]
        qids = [candidate.entry.wikidata for candidate in item.candidates]
        yield Choice(
            np.array(candidate_features(item, known)),
            qids.index(gold) if gold in qids else -1,
            min(len(members), MAX_CLUSTER_WEIGHT),
        )


_LINKERS: dict[tuple[int, LinkModel], CatalogueLinker] = {}


def _linker(catalogue: Catalogue, model: LinkModel) -> CatalogueLinker:
    """Return one linker for each catalogue and model: it remembers what it looked up."""
    key = (id(catalogue), model)
    if key not in _LINKERS:
        _LINKERS[key] = CatalogueLinker(catalogue, model)
    return _LINKERS[key]


def _threshold(
    dev: Sequence[Sequence[GoldDocument]], catalogue: Catalogue, model: LinkModel
) -> tuple[float, list[LinkRow]]:
    """Return the threshold with the best mean accuracy that leaves enough NIL alone in each."""
    found = []
    for threshold in THRESHOLDS:
        linker = CatalogueLinker(catalogue, LinkModel(model.weights, float(threshold)))
        rows = [_measure(documents, linker, "strict") for documents in dev]
        accuracy = sum(row.total.accuracy for row in rows) / len(rows)
        allowed = all(row.total.nil_recall >= MIN_NIL_RECALL for row in rows)
        print(f"threshold {threshold:.2f}: {[summary(row.total) for row in rows]}")
        found.append((allowed, accuracy, threshold, rows))
    best = max(found, key=lambda item: item[:3])
    return float(best[2]), best[3]


def _measure(documents: Sequence[GoldDocument], linker: CatalogueLinker, catalogue: str) -> LinkRow:
    return LinkRow(
        benchmark=documents[0].corpus,
        catalogue=catalogue,
        documents=tuple(count_links(document, linker) for document in documents),
    )


def count_links(document: GoldDocument, linker: CatalogueLinker) -> LinkCounts:
    """Count what a linker makes of the gold mentions of one document."""
    found: Mapping[str, int] = defaultdict(int)
    counts = Counter(found)
    for gold, qid in zip(document.qids, predicted(document, linker), strict=True):
        counts["mentions"] += 1
        counts["right"] += gold == qid
        counts["predicted"] += qid is not None
        if gold is None:
            counts["nil"] += 1
            counts["right_nil"] += qid is None
        else:
            counts["linked"] += 1
            counts["right_links"] += gold == qid
            counts["reachable"] += linker.knows(gold)
    return LinkCounts(**counts)


def _read(data: Path, names: Sequence[str]) -> list[list[GoldDocument]]:
    from kgrag.extract.bundled import BundledExtractor

    extractor = BundledExtractor()
    by_name: dict[str, Corpus] = {corpus.name: corpus for corpus in CORPORA}
    return [
        read_gold(
            data,
            by_name[name],
            extractor if by_name[name].source in UNTYPED_SOURCES else None,
        )
        for name in names
    ]


def _build(sources: Sources, out: Path, keep: Any) -> Catalogue:  # noqa: ANN401
    build(sources, out, keep=keep)
    return Catalogue.open(out)


def _fold(document: str) -> int:
    return zlib.crc32(document.encode()) % FOLDS


if __name__ == "__main__":
    main()

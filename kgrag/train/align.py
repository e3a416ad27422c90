"""Fits the map from navec's space to wordllama's: ``python -m kgrag.train.align --data DIR``.

A linear map is fitted, so that the sum of a Russian text's words comes to lie where wordllama puts
its English translation. Plain ridge regression on so few pairs blurs Russian itself; drawing the
map towards a scaled rotation (orthogonal Procrustes), not towards zero, keeps what navec knows.

Pairs: questions, paragraphs, sentences and answers of XQuAD's articles 0-15; RuBQ's questions with
their English translations; catalogue entries with both labels. Measured on XQuAD's other articles
and on a tenth of the catalogue. There is no chance in it, so there is no seed.
"""

import argparse
import gzip
import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.text import sentences
from kgrag.embed import ALIGNMENT, StaticEmbedder, sum_scripts
from kgrag.static_vectors import Vectors

Pair = tuple[str, str]
Record = dict[str, Any]

# Chosen on XQuAD articles 16-23 among: damping 3e-5, 1e-4, 3e-4; label weight 0.2, 0.5; ridge 0.05,
# 0.2, 0.5; pull 1, 2, 3. Neighbouring choices differ by about a point.
DAMPING = 3e-4
"""A word of relative frequency p weighs DAMPING / (DAMPING + p) (SIF, Arora et al. 2017)."""
LABEL_WEIGHT = 0.5
RIDGE = 0.5
"""Strength of the pull, in units of the mean variance of a Russian dimension."""
PULL = 2.0
"""Scale of the rotation that the map is drawn towards."""
DAMPED_BELOW = 0.95
"""Words that weigh more than this are stored as weighing 1: that leaves a few thousand."""
FITTED_ARTICLES = 16


@dataclass(frozen=True)
class Retrieval:
    """Questions, paragraphs and the right paragraph of each question, one language."""

    questions: list[str]
    paragraphs: list[str]
    gold: NDArray[np.int64]


def main() -> None:
    """Fit, measure and write ``alignment.npz`` and ``alignment.md``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with qa/ and catalogue/")
    parser.add_argument("--out", type=Path, default=ALIGNMENT)
    args = parser.parse_args()
    weights = word_weights()
    texts, labels = text_pairs(args.data), label_pairs(args.data, held_out=False)
    matrix = fit([*texts, *labels], [1.0] * len(texts) + [LABEL_WEIGHT] * len(labels), weights)
    frequent = np.flatnonzero(weights < DAMPED_BELOW)
    np.savez_compressed(
        args.out,
        map=matrix.astype(np.float16),
        frequent=frequent.astype(np.int32),
        weights=weights[frequent].astype(np.float16),
    )
    report = describe(args.out, args.data, len(texts), len(labels))
    args.out.with_suffix(".md").write_text(report, encoding="utf-8")
    print(report)


def word_weights() -> Vectors:
    """Return the weight of each of navec's words by its frequency in navec's news corpus."""
    from navec import Navec

    spec = importlib.util.find_spec("natasha")
    assert spec is not None and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    table = Navec.load(folder / "data/emb/navec_news_v1_1B_250K_300d_100q.tar")
    counts = np.maximum(np.array(table.vocab.counts, np.float64), 1)
    return np.asarray(DAMPING / (DAMPING + counts / counts.sum()), np.float32)


def fit(pairs: list[Pair], pair_weights: list[float], weights: Vectors) -> Vectors:
    """Return the map, float32 (300, 256): argmin |XM - Y|^2 + ridge |M - pull * rotation|^2."""
    target, _ = sum_scripts([english for english, _ in pairs], weights)
    latin_part, source = sum_scripts([russian for _, russian in pairs], weights)
    lengths = np.linalg.norm(target, axis=1)
    usable = (lengths > 0) & (np.linalg.norm(source, axis=1) > 0)
    scale = (np.array(pair_weights, np.float32) / np.maximum(lengths, 1e-9))[usable, None]
    x = (source[usable] * scale).astype(np.float64)
    y = ((target - latin_part)[usable] * scale).astype(np.float64)
    left, stretch, right = np.linalg.svd(x.T @ y, full_matrices=False)
    rotation = (left @ right) * stretch.sum() / (x**2).sum()
    ridge = RIDGE * (x**2).sum() / x.shape[1]
    gram = x.T @ x + ridge * np.eye(x.shape[1])
    return np.asarray(np.linalg.solve(gram, x.T @ y + ridge * PULL * rotation), np.float32)


def text_pairs(data: Path) -> list[Pair]:
    """Return the parallel texts for fitting."""
    pairs: list[Pair] = []
    english, russian = (
        _read(data / f"qa/xquad-{tongue}/corpus.jsonl.gz") for tongue in ("en", "ru")
    )
    for one, other in zip(english, russian, strict=True):
        if _article(one["id"]) < FITTED_ARTICLES:
            pairs.append((one["text"], other["text"]))
            parts = [
                [item["text"][a:b] for a, b in sentences(item["text"])] for item in (one, other)
            ]
            if len(parts[0]) == len(parts[1]):
                pairs.extend(zip(*parts, strict=True))
    english, russian = (
        _read(data / f"qa/xquad-{tongue}/questions.jsonl.gz") for tongue in ("en", "ru")
    )
    for one, other in zip(english, russian, strict=True):
        if _article(one["supporting"][0]) < FITTED_ARTICLES:
            pairs.append((one["question"], other["question"]))
            pairs.append((one["answers"][0], other["answers"][0]))
    for name in ("v2-dev", "v1-dev"):
        records = _read(data / f"qa/rubq/{name}.jsonl.gz")
        pairs.extend((r["question_en"], r["question"]) for r in records if r.get("question_en"))
    return pairs


def label_pairs(data: Path, *, held_out: bool) -> list[Pair]:
    """Return the catalogue's labels in both languages; a tenth, by hash of the id, is held out."""
    return [
        (entry["label_en"], entry["label_ru"])
        for entry in _read(data / "catalogue/entities.jsonl.gz")
        if entry.get("label_en") and entry.get("label_ru") and _held_out(entry["id"]) == held_out
    ]


def describe(alignment: Path, data: Path, texts: int, labels: int) -> str:
    """Measure the written file and return its description in Markdown."""
    embedder = StaticEmbedder(alignment)
    sets = {tongue: _retrieval(data, tongue, first=0) for tongue in ("en", "ru")}
    held = {tongue: _retrieval(data, tongue, first=FITTED_ARTICLES) for tongue in ("en", "ru")}
    lines = [
        "# alignment.npz",
        "",
        "A linear map from navec's 300 dimensions to wordllama's 256, and the weights of frequent",
        "Russian words. Written by `python -m kgrag.train.align --data DIR`;",
        f"{alignment.stat().st_size:,} bytes; fitted on {texts:,} pairs of texts and {labels:,}",
        "pairs of labels; nothing in it is random, so there is no seed.",
        "Fitted on XQuAD and RuBQ (CC BY-SA 4.0) and Wikidata labels (CC0); word frequencies from",
        "navec (MIT).",
        "",
        "Paragraph retrieval by cosine of questions and whole paragraphs, per cent. The recipe's",
        "constants were chosen on the held-out articles.",
        "",
        "| questions -> paragraphs | questions | paragraphs | recall@1 | recall@5 |",
        "|---|---|---|---|---|",
    ]
    for name, questions, paragraphs in (
        ("en -> en, all 24 articles", sets["en"], sets["en"]),
        ("ru -> ru, all 24 articles", sets["ru"], sets["ru"]),
        ("en -> en, held-out articles", held["en"], held["en"]),
        ("ru -> ru, held-out articles", held["ru"], held["ru"]),
        ("en -> ru, held-out articles", held["en"], held["ru"]),
        ("ru -> en, held-out articles", held["ru"], held["en"]),
    ):
        one, five = _recall(embedder, questions.questions, paragraphs.paragraphs, questions.gold)
        sizes = f"{len(questions.questions)} | {len(paragraphs.paragraphs)}"
        lines.append(f"| {name} | {sizes} | {one:.1f} | {five:.1f} |")
    pairs = label_pairs(data, held_out=True)
    english, russian = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    one, five = _recall(embedder, russian, english, np.arange(len(pairs)))
    lines.append(
        f"| labels ru -> en, held out | {len(pairs)} | {len(pairs)} | {one:.1f} | {five:.1f} |"
    )
    return "\n".join([*lines, ""])


def _recall(
    embedder: StaticEmbedder, questions: list[str], paragraphs: list[str], gold: NDArray[np.int64]
) -> tuple[float, float]:
    scores = embedder.embed(questions) @ embedder.embed(paragraphs).T
    right = scores[np.arange(len(gold)), gold]
    ranks = (scores > right[:, None]).sum(axis=1)
    return 100 * float((ranks < 1).mean()), 100 * float((ranks < 5).mean())


def _retrieval(data: Path, tongue: str, *, first: int) -> Retrieval:
    folder = data / f"qa/xquad-{tongue}"
    corpus = [r for r in _read(folder / "corpus.jsonl.gz") if _article(r["id"]) >= first]
    place = {record["id"]: row for row, record in enumerate(corpus)}
    asked = [r for r in _read(folder / "questions.jsonl.gz") if r["supporting"][0] in place]
    return Retrieval(
        questions=[record["question"] for record in asked],
        paragraphs=[record["text"] for record in corpus],
        gold=np.array([place[record["supporting"][0]] for record in asked]),
    )


def _article(paragraph_id: str) -> int:
    return int(paragraph_id.split("-")[1])


def _held_out(entity_id: str) -> bool:
    return hashlib.sha256(entity_id.encode()).digest()[0] % 10 == 0


def _read(path: Path) -> list[Record]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()

"""Run folders as the tasks write them, of made-up cases in two languages."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from eval.items import Item
from eval.metrics.calibration import bin_scores
from eval.run_folder import RunFolder
from eval.summary import rows

LONG = "a set of questions whose maker gave it a very long name, as makers of sets sometimes do "

NAMES = (
    "Анна Крылова",
    "Bank of Upper Silesia",
    "Николай Иванович Вавилов",
    "Treaty of Nystad",
    "Томск",
    "Ada Lovelace",
)
TYPES = (
    "PERSON", "ORGANIZATION", "CITY", "COUNTRY", "DATE", "EVENT", "PROFESSION", "LAW",
    "WORK_OF_ART", "PRODUCT", "NATIONALITY", "AGE", "NUMBER", "FACILITY", "DISTRICT", "AWARD",
    "LANGUAGE", "CRIME",
)  # fmt: skip


def extraction(draw: Generator, n: int) -> list[Item]:
    """Texts of three sets, the last with one text alone."""
    found = []
    for at in range(n):
        group = "NEREL test" if at == n - 1 else ("CoNLL04 test", f"WNUT-17, {LONG}")[at % 2]
        wanted, given = (int(draw.integers(4, 12)) for _ in range(2))
        right = int(draw.integers(2, min(wanted, given) + 1))
        scores = draw.beta(4, 2, given)
        pairs = [[NAMES[int(draw.integers(6))], TYPES[int(draw.integers(18))]] for _ in range(9)]
        found.append(
            Item(
                case=f"text {at}",
                group=group,
                counts={
                    "mentions": (right, given, wanted),
                    "mentions_relaxed": (min(right + 1, wanted, given), given, wanted),
                    "relations": (right // 2, given // 2 + 1, wanted // 2 + 1),
                    "calibration": bin_scores(scores, draw.random(given) < scores**1.3),
                    "ms": (float(draw.lognormal(3, 0.6)),),
                },
                tags={"language": ("en", "ru")[at % 2]},
                shown={
                    "text": f"{NAMES[at % 6]} moved to {NAMES[(at + 2) % 6]} in 1921. " * 5,
                    "missed": pairs[: wanted - right],
                    "invented": pairs[: given - right][::-1],
                    "confusions": [
                        [TYPES[int(kind)], TYPES[int(kind)], int(draw.integers(1, 9))]
                        for kind in draw.integers(0, 18, 3)
                    ]
                    + [
                        [TYPES[int(one)], TYPES[int(other)], int(draw.integers(1, 4))]
                        for one, other in draw.integers(0, 18, (3, 2))
                        if one != other
                    ]
                    + [["none", "PERSON", 1], ["CITY", "none", 2]],
                    "wrong_relations": [[NAMES[0], "lives in", NAMES[4]]][: at % 2],
                    "missed_relations": [[NAMES[2], "born in", NAMES[4]]][: at % 3],
                },
            )
        )
    return found


def retrieval(draw: Generator, n: int) -> list[Item]:
    """Questions of two kinds, each looked for by five systems."""
    found = []
    systems = ("kgrag", "BM25", "vectors", "BM25 and vectors", "graph")
    for at in range(n):
        needed = [f"{NAMES[at % 6]}.txt", f"{NAMES[(at + 1) % 6]}, part {at}.pdf"]
        for place, system in enumerate(systems):
            order = [*needed, *(f"other document {k}.md" for k in range(14))]
            draw.shuffle(order[: 3 + 2 * place])
            front = draw.permutation(len(order))[:10] if draw.random() < 0.3 else range(10)
            names = [order[int(k)] for k in front]
            ranks = [names.index(name) + 1 for name in needed if name in names]
            recalls = {k: sum(rank <= k for rank in ranks) / 2 for k in (1, 5, 10)}
            found.append(
                Item(
                    case=f"q{at}",
                    group="HotpotQA" if at % 3 else "XQuAD ru → en",
                    system=system,
                    counts={
                        **{f"recall_{k}": (value,) for k, value in recalls.items()},
                        "all_5": (float(recalls[5] == 1),),
                        "mrr": (1 / min(ranks) if ranks else 0.0,),
                        "ndcg_10": (recalls[10] * 0.9,),
                        "ms": (float(draw.lognormal(2 + place / 3, 0.5)),),
                    },
                    tags={"kind": ("bridge", "comparison")[at % 2], "language": "en"},
                    shown={
                        "question": f"Who founded the {NAMES[at % 6]} society, and when?",
                        "needed": needed,
                        "found": names,
                    },
                )
            )
    return found


def answers(draw: Generator, n: int) -> list[Item]:
    """Questions with their answers, by kgrag, a model alone, and kgrag without its graph."""
    found = []
    for at in range(n):
        for place, system in enumerate(("kgrag", "model alone", "quote, without the graph")):
            answerable = at % 4 != 3
            confidence = float(draw.beta(3, 2))
            is_right = draw.random() < confidence + 0.15 - 0.2 * place
            declines = draw.random() < (0.15 if answerable else 0.7)
            if answerable:
                outcome = "declined" if declines else "right" if is_right else "wrong"
            else:
                outcome = "declined rightly" if declines else "wrong"
            said = 0 if declines else 3
            good = int(draw.integers(1, 4)) if said else 0
            counts: dict[str, tuple[float, ...]] = {
                "abstention": (float(declines and not answerable), declines, not answerable),
                "ms": (float(draw.lognormal(4 + 2 * place, 0.4)),),
            }
            if answerable:
                counts |= {
                    "contains": (float(outcome == "right"),),
                    "answer_f1": (float(draw.random()) if not declines else 0.0,),
                    "evidence_all": (float(outcome == "right"),),
                    "citations": (good, said, 2, min(good, 2)),
                    "answered": (float(not declines), 1.0),
                    "risk": (confidence, float(outcome != "right")),
                    "sentences": (good, max(said, 1)),
                }
            found.append(
                Item(
                    case=f"question {at}",
                    group="Your questions" if at % 5 else f"MuSiQue, {LONG}",
                    system=system,
                    counts=counts,
                    tags={"kind": "single", "language": ("ru", "en")[at % 2], "outcome": outcome},
                    shown=_answer(draw, at, said, good, confidence),
                    documents=("sha256:00",),
                )
            )
    return found


def _answer(draw: Generator, at: int, said: int, good: int, confidence: float) -> dict[str, Any]:
    quote = f"{NAMES[at % 6]} was founded in {1900 + at % 90}, as the register of that year says."
    return {
        "question": ("When did {} open?", "Когда основан {}?")[at % 2].format(NAMES[at % 6]),
        "expected": [str(1900 + at % 90), f"in {1900 + at % 90}"],
        "evidence": [{"document": "register.pdf", "page": 3, "quote": quote}],
        "answer": quote if said else "",
        "why": "" if said else "no passage names it",
        "mode": "quote",
        "confidence": confidence,
        "citations": [
            {"n": k + 1, "document": "register.pdf", "page": k, "quote": quote, "right": k < good}
            for k in range(said)
        ],
        "sentences": [
            {
                "text": quote,
                "verdict": ("supported", "partly", "unsupported", "contradicted")[
                    int(draw.choice(4, p=(0.7, 0.1, 0.1, 0.1)))
                ],
                "reason": "the year is not in the cited passage",
            }
            for _ in range(said)
        ],
    }


def grounding(draw: Generator, n: int) -> list[Item]:
    """Lies and truths of several kinds, in both languages."""
    kinds = ("changed_number", "swapped_roles", "negated_claim", "invented_name", "voice")
    found = []
    for at in range(n):
        is_lie = at % 3 != 0
        struck = bool(draw.random() < (0.85 if is_lie else 0.06))
        verdict = ("contradicted", "unsupported")[at % 2] if struck else "supported"
        language = ("en", "ru")[at % 2]
        found.append(
            Item(
                case=f"claim {at}",
                group="XQuAD English" if language == "en" else "XQuAD Russian",
                counts={"lies" if is_lie else "truths": (float(struck),)},
                tags={"kind": kinds[at % 5], "language": language},
                shown={
                    "claim": f"{NAMES[at % 6]} has {at} members.",
                    "cited": f"{NAMES[at % 6]} has {at + (7 if is_lie else 0)} members.",
                    "verdict": verdict,
                    "reason": "another number is said",
                    "question": "How many members has it?",
                },
            )
        )
    return found


def speed(draw: Generator, n: int) -> list[Item]:
    """Times of a few things."""
    found = []
    for at in range(n):
        what = ("answering, 1,000 documents", "answering, 10,000 documents", "opening")[at % 3]
        ms = float(draw.lognormal(2 + at % 3, 0.4))
        shown = {"what": f"{what}: “{NAMES[at % 6]}”"}
        found.append(Item(f"time {at}", what, {"ms": (ms,)}, shown=shown))
    return [
        *found,
        Item("adding", "adding", {"files": (40.0, 9.5)}, shown={"what": "adding 40 files"}),
        Item("memory", "memory", {"memory_mb": (812.0,)}, shown={"what": "the whole run"}),
    ]


MADE: Mapping[str, Callable[[Generator, int], list[Item]]] = {
    "extraction": extraction,
    "retrieval": retrieval,
    "answers": answers,
    "grounding": grounding,
    "speed": speed,
}


def items_of(task: str, n: int = 40, *, seed: int = 1) -> list[Item]:
    """Return made-up items of a task."""
    return MADE[task](np.random.default_rng(seed), n)


def header_of(task: str, **more: object) -> dict[str, Any]:
    """Return a run.json of a task."""
    return {
        "task": task,
        "command": f"kgrag-eval run {task} --set examples --seed 1",
        "sets": [
            {
                "name": "examples",
                "licence": "CC BY-SA 4.0",
                "checksum": "sha256:5f2b",
                "n": 40,
                "skipped": ["line 7: it is no JSON object"],
            },
            {"name": f"MuSiQue, {LONG}", "licence": "CC BY 4.0", "n": 8, "skipped": []},
        ],
        "options": {"limit": 48, "set": ["examples"]},
        "model": {"endpoint": "http://me:secret@127.0.0.1:8000/v1", "model": "Qwen3-8B"},
        "library": {"folder": "/home/somebody/library", "version": "7", "documents": 120},
        "seed": 1,
        "commit": "26ad1b9fce0011223344556677889900aabbccdd",
        "dirty": True,
        "versions": {
            "kgrag": "0.1.0",
            "python": "3.11.7",
            "platform": "Linux",
            "packages": {"numpy": "2.3.5", "onnxruntime": "1.23"},
        },
        "models": {"extractor": "sha256:11", "embedder": "sha256:22", "linker": "sha256:33"},
        **more,
    }


def write(folder: Path, task: str, items: Sequence[Item], **more: object) -> RunFolder:
    """Write the folder of a run that ended."""
    run = begin(folder, task, items, **more)
    failures = [{"case": "question 99", "message": "The model did not answer within 60 s."}]
    run.finish(
        {
            "finished": True,
            "seconds": 3725.0,
            "peak_memory_mb": 1432.7,
            "failures": failures,
            "tables": {},
            "rows": rows(items, seed=1),
        }
    )
    return run


def begin(folder: Path, task: str, items: Sequence[Item], **more: object) -> RunFolder:
    """Write the folder of a run that was stopped after these items."""
    run = RunFolder.begin(folder, header_of(task, **more))
    for at, item in enumerate(items):
        run.append(f"{at}", [item])
    run.tell(done=len(items), total=50, failed=0, message="Asking", finished=False)
    return run

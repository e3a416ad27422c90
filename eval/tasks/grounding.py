"""Are answers true to the documents: claims of a lying model, answers withheld, sources changed.

Data: claims written by hand (eval/data/lies.json, Apache-2.0, written for this project) and the
questions of examples/ by default; with --data also claims made of XQuAD, HotpotQA and
2WikiMultiHopQA (CC BY-SA 4.0, CC BY-SA 4.0, Apache-2.0), and XQuAD's questions asked with and
without their paragraph. One lie, of 2WikiMultiHopQA: "Xawery Żuławski was born in 1981." under the
sentence "Xawery Żuławski (born 22 December 1971) is a Polish director." With --endpoint, a vLLM
server with a model of random weights is asked too, with the constraint and without it. What the
support classifier gets on WiCE (ODC-BY) and HaluEval (MIT) was measured when it was fitted.
"""

import json
import tempfile
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import kgrag
from eval.abstaining import paragraph_cases, unanswerable_cases
from eval.asked import Asked
from eval.claims.lies import LIES, TRANSLATED, read_cases, written_cases
from eval.claims.lies import Case as Claim
from eval.claims.lying import NOT_SHOWN, Liar
from eval.claims.table import kinds_table
from eval.counterfactual import counterfactual_cases
from eval.items import Case, Item
from eval.random_weights import random_cases

EACH = 60
"""Claims of a kind and language at most."""

LANGUAGES = {"en": "English", "ru": "Russian"}


def cases(asked: Asked) -> list[Case]:
    """Return the claims, the questions to be declined, and the sources that change."""
    data = asked.options.data
    with_data = data is not None and asked.options.sets != ("examples",)
    each = min(asked.options.limit or EACH, EACH)
    if with_data:
        assert data is not None
        claims = read_cases(data, "test", seed=asked.options.seed, each=each)
    else:
        claims = tuple(written_cases("test"))
    asked.note_set("claims", "as of their sources", "", len(claims))
    found = [*_claims(asked, claims), *unanswerable_cases(asked), *counterfactual_cases(asked)]
    if with_data:
        found += paragraph_cases(asked)
    if asked.options.endpoint is not None:
        found += random_cases(asked)
    return found


def tables(asked: Asked, items: Sequence[Item]) -> dict[str, Any]:
    """Return the claims by kind, and what the support classifier got when it was fitted."""
    del asked
    measured = Path(kgrag.__file__).parent / "models" / "support.json"
    return {
        "claims": kinds_table([item for item in items if item.tags.get("kind")]),
        "support": json.loads(measured.read_text(encoding="utf-8"))["measured"],
    }


def _claims(asked: Asked, claims: Sequence[Claim]) -> list[Case]:
    liar = cache(lambda: _liar(asked, claims))
    return [Case(f"claim {claim.id}", partial(_say, liar, claim)) for claim in claims]


def _liar(asked: Asked, claims: Sequence[Claim]) -> Liar:
    asked.say("Reading the documents of the claims")
    folder = Path(asked.closing.enter_context(tempfile.TemporaryDirectory()))
    return Liar(claims, folder, asked.closing)


def _say(liar: Any, claim: Claim) -> list[Item]:  # noqa: ANN401  a cached function
    said = liar().say(claim)
    counts: dict[str, tuple[float, ...]] = {}
    if said.verdict != NOT_SHOWN:
        counts = {"lies" if claim.kind in LIES else "truths": (float(said.struck),)}
    group = f"claims, {LANGUAGES[claim.language]}"
    return [
        Item(
            case=claim.id,
            group="claims in the other language" if claim.kind == TRANSLATED else group,
            counts=counts,
            tags={"kind": claim.kind, "language": claim.language},
            shown={
                "claim": claim.claim,
                "cited": claim.cited,
                "question": said.question,
                "verdict": said.verdict,
                "reason": said.reason,
            },
        )
    ]

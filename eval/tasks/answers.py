"""Are answers true to the documents? Quoted, written by a lying or a random model, and withheld.

Data (--data or KGRAG_DATA): XQuAD's visible half (CC BY-SA 4.0) for quoting, and with HotpotQA and
2WikiMultiHopQA (CC BY-SA 4.0, Apache-2.0) the sentences of which lies and truths are made; WiCE
(ODC-BY) and HaluEval (MIT) for the support model. One lie, of 2WikiMultiHopQA: "Xawery Żuławski was
born in 1981." under the sentence "Xawery Żuławski (born 22 December 1971) is a Polish director."
What was trained on a set is scored by models that did not see the question's article; those numbers
were written by the training commands, beside the weights. With --endpoint, a vLLM server with a
model of random weights is asked 200 questions, with the constraint and without it.
"""

import gzip
import json
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import kgrag
from eval import counterfactual, lying, overheads, random_model
from kgrag.train.questions import SETS, open_library

MODELS = Path(kgrag.__file__).parent / "models"
OVERHEAD_SET = "2WikiMultiHopQA among 6,119 more"
RANDOM_QUESTIONS = 200


def run(arguments: Namespace) -> dict[str, Any]:
    """Return what each part measured; without data, the parts that need none."""
    result: dict[str, Any] = {
        "counterfactual": counterfactual.probe(arguments.seed),
        "quote": _measured("evidence.json"),
        "support": _measured("support.json"),
    }
    if arguments.data is not None:
        result["lies"] = lying.probe(arguments.data, seed=arguments.seed, each=arguments.each)
        with tempfile.TemporaryDirectory() as folder:
            work = arguments.work or Path(folder)
            result["overheads"] = _overheads(arguments.data, work)
            if arguments.endpoint:
                result["random_weights"] = _random(arguments.data, work, arguments.endpoint)
    return result


def _measured(name: str) -> Any:  # noqa: ANN401  what a training command measured
    return json.loads((MODELS / name).read_text(encoding="utf-8"))["measured"]


def _overheads(data: Path, work: Path) -> dict[str, Any]:
    asked = next(item for item in SETS if item.name == OVERHEAD_SET)
    with open_library(data, work, asked) as kb:
        folder, passages = kb.library.folder, kb.library.documents.passage_count()
    return {"passages": passages} | overheads.probe(folder, _questions(data, asked.questions))


def _random(data: Path, work: Path, endpoint: str) -> dict[str, Any]:
    libraries = []
    for name in ("XQuAD English", "XQuAD Russian"):
        asked = next(item for item in SETS if item.name == name)
        with open_library(data, work, asked) as kb:
            folder = kb.library.folder
        libraries.append((folder, _questions(data, asked.questions)))
    return random_model.probe(libraries, endpoint, each=RANDOM_QUESTIONS // 2)


def _questions(data: Path, name: str) -> list[str]:
    with gzip.open(data / name / "questions.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["question"] for line in lines]

"""Trains one language's model, on a CPU thread or a GPU: repeatable, resumable, stopped early."""

import json
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from indexes.text import Language
from kgrag.extract.labels import Labels
from kgrag.extract.reader import Reader
from kgrag.extract.words import VECTOR_SIZES, WordTable
from kgrag.train import minilm, slovnet
from kgrag.train.batches import Item, batches, encoder_input, prepare, span_targets
from kgrag.train.corpora import DEV, of_scheme, training_examples
from kgrag.train.data import Example, read_examples, weakened
from kgrag.train.losses import pair_loss, span_loss
from kgrag.train.mappings import RELATION_LABELS
from kgrag.train.minilm import load_minilm, rounded
from kgrag.train.model import ExtractionModel, Shape
from kgrag.train.slovnet import load_slovnet
from kgrag.train.torch_scorer import TorchScorer
from kgrag.train.tracking import open_tracker
from kgrag.train.tune import Development, evaluate_on_dev, tuned

logger = logging.getLogger(__name__)

MIN_TYPE_EXAMPLES = 40
MIN_RELATION_EXAMPLES = 15
"""A label with fewer certain examples in the training data is not learnt."""

JUDGED_EVERY = 2
"""Epochs from one look at dev to the next."""

LEARNING_RATE: Mapping[Language, float] = {"en": 1e-3, "ru": 2e-3}
TUNING_RATE = 1e-4
"""Highest rates, for new and for pretrained weights."""

TUNED_AGAIN = 0.3
"""Share of these rates for a fine-tune of a finished run."""

DROPOUT: Mapping[Language, tuple[float, float]] = {"en": (0.2, 0.2), "ru": (0.33, 0.3)}
"""Of states and of words' features. The Russian corpus is small and read often, the English texts
are many and read a few times."""

WEIGHT_DECAY = 0.05

AVERAGING = 0.998
"""The weights that are judged and kept are a mean over about the last 500 steps."""


TRAINING_VOCABULARY = 400_000


@dataclass(frozen=True)
class FitSettings:
    """How to train.

    ``minutes`` is CPU time, after which the best so far stands. An epoch takes all texts of corpora
    that annotate relations, and of the others a share of ``side_rate``, drawn anew each time.
    ``teachers`` are finished runs on the same corpora, whose mean the model learns as well.
    ``start`` is a finished run to go on from, and ``scheme`` the one corpus to learn then, with
    lower rates: a fine-tune.
    """

    language: Language
    data: Path
    out: Path
    minutes: float = 30.0
    seed: int = 0
    epochs: int = 30
    batch_tokens: int = 1000
    side_rate: float = 1.0
    teachers: tuple[Path, ...] = ()
    start: Path | None = None
    scheme: str | None = None
    patience: int = 9


def choose_labels(examples: Sequence[Example]) -> Labels:
    """Return the types and relations with enough certain examples, with neutral thresholds."""
    types: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    for example in examples:
        types.update(next(iter(m.types)) for m in example.mentions if len(m.types) == 1)
        relations.update(fact.relation for fact in example.facts)
    kept_types = sorted(name for name, count in types.items() if count >= MIN_TYPE_EXAMPLES)
    kept = sorted(name for name, count in relations.items() if count >= MIN_RELATION_EXAMPLES)
    conventions = tuple(sorted({example.scheme for example in examples}))
    thresholds = dict.fromkeys(kept, 0.5)
    return Labels(tuple(kept_types), tuple(kept), 0.5, thresholds, conventions=conventions)


def new_reader(language: Language, *, pretrained: bool) -> tuple[nn.Module, Shape]:
    """Return the module that reads words in context, and the sizes of a model around it.

    Parameters
    ----------
    language:
        English is read by MiniLM, Russian by slovnet's convolutions.
    pretrained:
        Load its weights from the installed package; else a checkpoint must follow.
    """
    vectors = VECTOR_SIZES[language]
    if language == "en":
        reader: nn.Module = load_minilm() if pretrained else minilm.MiniLMContext()
        shape = Shape(
            vectors, 0, 0, minilm.CONTEXT_SIZE, hidden=256, span_hidden=128, dilations=(1, 2)
        )
        return reader, shape
    reader = load_slovnet() if pretrained else slovnet.SlovnetContext()
    return reader, Shape(vectors, 0, 0, slovnet.CONTEXT_SIZE)


def _groups(model: ExtractionModel, language: Language) -> list[dict[str, object]]:
    """Return what the optimizer learns, and how fast: what was pretrained, slowly."""
    pretrained: list[nn.Parameter] = []
    fresh: list[nn.Parameter] = []
    for name, weights in model.named_parameters():
        if weights.requires_grad:
            is_old = name.startswith("reader.") and "outlines" not in name
            (pretrained if is_old else fresh).append(weights)
    groups: list[dict[str, object]] = [{"params": fresh, "highest": LEARNING_RATE[language]}]
    return [*groups, {"params": pretrained, "highest": TUNING_RATE}] if pretrained else groups


def load_model(run: Path, language: Language) -> ExtractionModel:
    """Return the best model of a finished run, to be used as it is."""
    shape = json.loads((run / "fit.json").read_text("utf-8"))["shape"]
    shape = Shape(**{**shape, "dilations": tuple(shape["dilations"])})
    reader, _ = new_reader(language, pretrained=False)
    model = ExtractionModel(shape, reader)
    model.load_state_dict(torch.load(run / "best.pt", weights_only=True, map_location="cpu"))
    return model.eval().requires_grad_(requires_grad=False)


def load_labels(run: Path) -> Labels:
    """Return what a finished run can say, with its thresholds and scales."""
    written = json.loads((run / "fit.json").read_text("utf-8"))["labels"]
    return Labels(
        tuple(written["types"]),
        tuple(written["relations"]),
        written["span_threshold"],
        written["relation_thresholds"],
        written["candidate_threshold"],
        tuple(written["conventions"]),
        tuple(written["mention_scale"]),
        tuple(written["relation_scale"]),
    )


class Run:
    """A training run: everything that a checkpoint holds."""

    def __init__(self, settings: FitSettings) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(settings.seed)
        self.settings = settings
        examples = training_examples(settings.data, settings.language, settings.scheme)
        if settings.language == "en":
            examples = [weakened(example) for example in examples]
        steering = of_scheme(DEV[settings.language], settings.scheme)
        self.dev = Development.load(read_examples(settings.data, steering))
        self.labels = load_labels(settings.start) if settings.start else choose_labels(examples)
        self.table = WordTable(settings.language, TRAINING_VOCABULARY)
        reader, shape = new_reader(settings.language, pretrained=True)
        related = [example for example in examples if RELATION_LABELS[example.scheme]]
        others = [example for example in examples if not RELATION_LABELS[example.scheme]]
        self.items = prepare(related, self.labels, self.table)
        self.side = prepare(others, self.labels, self.table)
        shape = replace(
            shape,
            types=len(self.labels.types),
            relations=len(self.labels.relations),
            conventions=1 + len(self.labels.conventions),
        )
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = ExtractionModel(shape, reader, *DROPOUT[settings.language]).to(self.device)
        if settings.start:
            started = load_model(settings.start, settings.language)
            self.model.load_state_dict(started.state_dict())
        self.teachers = [
            load_model(run, settings.language).to(self.device) for run in settings.teachers
        ]
        self.average = deepcopy(self.model).requires_grad_(requires_grad=False)
        self.optimizer = torch.optim.AdamW(
            _groups(self.model, settings.language), weight_decay=WEIGHT_DECAY, fused=True
        )
        self.signatures = self.labels.signatures()
        self.epoch = 0
        self.step = 0
        self.seconds = 0.0
        self.best = -1.0
        self.best_epoch = 0

    @property
    def steps_planned(self) -> int:
        """Return the number of steps of the whole schedule (estimated from one epoch)."""
        tokens = sum(len(item.part.tokens) for item in self.items)
        side = sum(len(item.part.tokens) for item in self.side)
        tokens += int(self.settings.side_rate * side)
        return max(1, self.settings.epochs * tokens // self.settings.batch_tokens)

    def train_epoch(self) -> float:
        """Train on every item once; return the mean loss."""
        generator = np.random.default_rng([self.settings.seed, self.epoch])
        torch.manual_seed(self.settings.seed * 1000 + self.epoch)
        self.model.train()
        losses = []
        count = int(self.settings.side_rate * len(self.side))
        some = generator.choice(len(self.side), count, replace=False)
        items = [*self.items, *(self.side[index] for index in some)]
        for batch in batches(items, self.settings.batch_tokens, generator):
            losses.append(self._train_step(batch, generator))
        self.epoch += 1
        return float(np.mean(losses))

    def _train_step(self, batch: list[Item], generator: np.random.Generator) -> float:
        done = min(1.0, self.step / self.steps_planned)
        warm = min(1.0, (self.step + 1) / min(200, 1 + self.steps_planned // 10))
        for group in self.optimizer.param_groups:
            highest = group["highest"] * (TUNED_AGAIN if self.settings.start else 1.0)
            group["lr"] = highest * warm * (1.0 - 0.97 * done)
        self.optimizer.zero_grad(set_to_none=True)
        with rounded(self.model):
            loss = self._loss(batch, generator)
            loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 3.0)
        self.optimizer.step()
        self.step += 1
        decay = min(AVERAGING, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()), list(self.model.parameters()), 1.0 - decay
            )
        return float(loss.detach())

    def _loss(self, batch: list[Item], generator: np.random.Generator) -> Tensor:
        inputs = encoder_input(batch, self.table, generator).to(self.device)
        # Matrices in bfloat16: three times as fast where the processor knows it.
        with torch.autocast(self.device.type, torch.bfloat16):
            states = self.model.encode(*inputs.arguments)
        logits = self.model.score_spans(states)
        read = [teacher.encode(*inputs.arguments) for teacher in self.teachers]
        taught = [
            torch.softmax(teacher.score_spans(own), dim=-1)
            for teacher, own in zip(self.teachers, read, strict=True)
        ]
        rows, length = inputs.words.shape
        admitted, counts = span_targets(batch, (rows, length), len(self.labels.types))
        tokens = int(inputs.filled.sum())
        mean = torch.stack(taught).mean(dim=0) if taught else None
        loss = span_loss(logits, admitted.to(self.device), counts.to(self.device), mean)
        loss = loss / (0.15 * tokens)
        related = pair_loss(
            self.model,
            states[inputs.filled],
            logits.detach()[inputs.filled],
            batch,
            self.labels,
            self.signatures,
            use_predicted=self.epoch >= 2,
            generator=generator,
            teachers=[
                (teacher, own[inputs.filled])
                for teacher, own in zip(self.teachers, read, strict=True)
            ],
        )
        return loss + related / (0.1 * tokens)

    def reader(self) -> Reader:
        """Return the averaged model as it would read a text."""
        return Reader(self.labels, self.table, TorchScorer(self.average))

    def save(self, path: Path) -> None:
        """Write everything needed to go on, atomically."""
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "numbers": [self.epoch, self.step, self.seconds, self.best, self.best_epoch],
        }
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> None:
        """Go on where a killed run stopped."""
        state = torch.load(path, weights_only=True, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.step, self.seconds, self.best, self.best_epoch = state["numbers"]


def fit(settings: FitSettings) -> None:
    """Train until dev stops improving or time is up; leave ``best.pt`` and ``labels.json``."""
    settings.out.mkdir(parents=True, exist_ok=True)
    run = Run(settings)
    checkpoint = settings.out / "last.pt"
    if checkpoint.exists():
        run.load(checkpoint)
        logger.info("resumed after epoch %d", run.epoch)
    name = f"{settings.language}-{settings.seed}"
    tracker = open_tracker(settings.out, name, asdict(settings))
    while run.epoch < settings.epochs and run.seconds < 60 * settings.minutes:
        began = time.process_time()
        loss = run.train_epoch()
        run.seconds += time.process_time() - began
        last = run.epoch >= settings.epochs or run.seconds >= 60 * settings.minutes
        logger.info("epoch %d: loss %.3f, %.0f CPU s", run.epoch, loss, run.seconds)
        tracker.log({"train/loss": loss, "train/cpu_seconds": run.seconds}, run.epoch)
        if last or run.epoch % JUDGED_EVERY == 0:
            tracker.log(_judge(run), run.epoch)
        run.save(checkpoint)
        if run.epoch - run.best_epoch >= settings.patience:
            break
    tracker.close()
    if run.best < 0:
        _judge(run)
    _finish(run)


def _judge(run: Run) -> dict[str, float]:
    """Measure on dev, and keep the averaged weights where they are the best so far."""
    with rounded(run.average):
        scores = evaluate_on_dev(run.reader(), run.dev)
    logger.info("epoch %d: dev %s", run.epoch, scores)
    mean = (scores["mentions"] + scores["facts"]) / 2
    if mean > run.best:
        run.best, run.best_epoch = mean, run.epoch
        torch.save(run.average.state_dict(), run.settings.out / "best.pt")
    return {f"dev/{name}": value for name, value in scores.items()}


def _finish(run: Run) -> None:
    """Choose the thresholds of the best weights, and write down what they are."""
    out = run.settings.out
    run.average.load_state_dict(torch.load(out / "best.pt", weights_only=True))
    with rounded(run.average):
        labels = run.labels = tuned(run.reader(), run.dev)
        scores = evaluate_on_dev(run.reader(), run.dev)
    report = {
        "labels": {**asdict(labels), "relation_thresholds": dict(labels.relation_thresholds)},
        "shape": asdict(run.model.shape),
        "dev": scores,
        "epoch": run.best_epoch,
        "epochs": run.epoch,
        "cpu_minutes": round(run.seconds / 60, 1),
        "seed": run.settings.seed,
        "parameters": sum(w.numel() for w in run.model.parameters() if w.requires_grad),
        "texts": len(run.items) + len(run.side),
        "tokens": sum(len(item.part.tokens) for item in [*run.items, *run.side]),
        "side_rate": run.settings.side_rate,
    }
    (out / "fit.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), "utf-8")
    logger.info("done: %s", report["dev"])

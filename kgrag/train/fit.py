"""Trains one language's model on a CPU thread: reproducible, resumable, stopped early on dev."""

import json
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from indexes.text import Language
from kgrag.extract.labels import Labels
from kgrag.extract.reader import Reader
from kgrag.extract.words import VECTOR_SIZES, WordTable
from kgrag.train import slovnet, teacher
from kgrag.train.batches import Item, batches, encoder_input, prepare, span_targets
from kgrag.train.corpora import DEV, TEACHER, TRAIN
from kgrag.train.data import Example, read_examples, read_silver, weakened
from kgrag.train.losses import pair_loss, span_loss
from kgrag.train.mappings import RELATION_LABELS
from kgrag.train.model import ExtractionModel, Shape
from kgrag.train.slovnet import load_slovnet
from kgrag.train.teacher import MiniLMContext, PieceTable
from kgrag.train.torch_scorer import TorchScorer
from kgrag.train.tracking import open_tracker
from kgrag.train.tune import Development, evaluate_on_dev, tuned

logger = logging.getLogger(__name__)

MIN_TYPE_EXAMPLES = 40
MIN_RELATION_EXAMPLES = 15
"""A label with fewer certain examples in the training data is not learnt."""

JUDGED_EVERY = 2
"""Epochs from one look at dev to the next."""

LEARNING_RATE = 2e-3
TUNING_RATE = 1e-4
"""Highest rates, for new and for pretrained weights."""

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

    ``minutes`` is CPU time, after which the best so far stands; ``teacher`` trains the large
    English model; ``start`` is a run whose weights to start from; ``silver`` a file that
    ``kgrag.train.silver`` wrote. An epoch takes all texts of corpora that annotate relations, and
    of the others and the silver ones a share of ``side_rate``, drawn anew each time.
    """

    language: Language
    data: Path
    out: Path
    minutes: float = 30.0
    seed: int = 0
    epochs: int = 30
    batch_tokens: int = 1000
    teacher: bool = False
    start: Path | None = None
    silver: Path | None = None
    side_rate: float = 1.0
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


def _pretrained(settings: FitSettings) -> tuple[WordTable, nn.Module | None, int]:
    """Return the table of words, and the module that reads them in context with its size."""
    if settings.teacher:
        return PieceTable(TRAINING_VOCABULARY), MiniLMContext(), teacher.CONTEXT_SIZE
    table = WordTable(settings.language, TRAINING_VOCABULARY)
    if settings.language == "ru":
        return table, load_slovnet(), slovnet.CONTEXT_SIZE
    return table, None, 0


def _groups(model: ExtractionModel) -> list[dict[str, object]]:
    """Return what the optimizer learns, and how fast: what was pretrained, slowly."""
    pretrained: list[nn.Parameter] = []
    fresh: list[nn.Parameter] = []
    for name, weights in model.named_parameters():
        if weights.requires_grad:
            (pretrained if name.startswith("reader.") else fresh).append(weights)
    groups: list[dict[str, object]] = [{"params": fresh, "highest": LEARNING_RATE}]
    return [*groups, {"params": pretrained, "highest": TUNING_RATE}] if pretrained else groups


class Run:
    """A training run: everything that a checkpoint holds."""

    def __init__(self, settings: FitSettings) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(settings.seed)
        self.settings = settings
        sources = TEACHER if settings.teacher else TRAIN[settings.language]
        examples = read_examples(settings.data, sources)
        silver = read_silver(settings.silver) if settings.silver else []
        if settings.language == "en":
            examples = [weakened(example) for example in examples]
            silver = [weakened(example) for example in silver]
        self.dev = Development.load(read_examples(settings.data, DEV[settings.language]))
        self.labels = choose_labels(examples)
        self.table, reader, context = _pretrained(settings)
        related = [example for example in examples if RELATION_LABELS[example.scheme]]
        others = [example for example in examples if not RELATION_LABELS[example.scheme]]
        self.items = prepare(related, self.labels, self.table)
        self.side = prepare([*others, *silver], self.labels, self.table)
        shape = Shape(
            VECTOR_SIZES[settings.language],
            len(self.labels.types),
            len(self.labels.relations),
            context=context,
            conventions=1 + len(self.labels.conventions),
        )
        self.model = ExtractionModel(shape, reader, *DROPOUT[settings.language])
        if settings.start:
            state = torch.load(settings.start / "best.pt", weights_only=True)
            self.model.load_state_dict(state)
        self.average = deepcopy(self.model).requires_grad_(requires_grad=False)
        self.optimizer = torch.optim.AdamW(
            _groups(self.model), weight_decay=WEIGHT_DECAY, fused=True
        )
        self.signatures = torch.from_numpy(self.labels.signatures())
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
        warm = min(1.0, (self.step + 1) / 200)
        for group in self.optimizer.param_groups:
            group["lr"] = group["highest"] * warm * (1.0 - 0.97 * done)
        loss = self._loss(batch, generator)
        self.optimizer.zero_grad(set_to_none=True)
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
        inputs = encoder_input(batch, self.table, generator)
        states = self.model.encode(
            inputs.vectors,
            inputs.features,
            inputs.words,
            inputs.starts,
            inputs.lengths,
            inputs.conventions,
        )
        logits = self.model.score_spans(states)
        rows, length = inputs.words.shape
        admitted, counts = span_targets(batch, (rows, length), len(self.labels.types))
        tokens = int(inputs.filled.sum())
        loss = span_loss(logits, admitted, counts) / (0.15 * tokens)
        related = pair_loss(
            self.model,
            states[inputs.filled],
            logits.detach()[inputs.filled],
            batch,
            self.labels,
            self.signatures,
            use_predicted=self.epoch >= 2,
            generator=generator,
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
        state = torch.load(path, weights_only=True)
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
    labels = tuned(run.reader(), run.dev)
    run.labels = labels
    report = {
        "labels": {**asdict(labels), "relation_thresholds": dict(labels.relation_thresholds)},
        "shape": asdict(run.model.shape),
        "dev": evaluate_on_dev(run.reader(), run.dev),
        "epoch": run.best_epoch,
        "epochs": run.epoch,
        "cpu_minutes": round(run.seconds / 60, 1),
        "seed": run.settings.seed,
        "parameters": sum(weights.numel() for weights in run.model.parameters()),
        "texts": len(run.items) + len(run.side),
        "tokens": sum(len(item.part.tokens) for item in [*run.items, *run.side]),
        "side_rate": run.settings.side_rate,
    }
    (out / "fit.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), "utf-8")
    logger.info("done: %s", report["dev"])

"""One training run: what it reads, what it learns, and all that a checkpoint must hold of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from indexes.text import Language
from kgrag.extract.labels import Labels
from kgrag.extract.reader import Reader
from kgrag.extract.words import WordTable
from kgrag.train.batches import Item, batches, encoder_input, prepare, span_targets
from kgrag.train.checkpoints import load_labels, load_model, new_reader
from kgrag.train.corpora import DEV, of_scheme, training_examples
from kgrag.train.data import Example, read_examples, weakened
from kgrag.train.losses import pair_loss, span_loss
from kgrag.train.mappings import RELATION_LABELS
from kgrag.train.minilm import rounded
from kgrag.train.model import ExtractionModel
from kgrag.train.teacher import Teacher
from kgrag.train.torch_scorer import TorchScorer
from kgrag.train.tune import Development

MIN_TYPE_EXAMPLES = 40
MIN_RELATION_EXAMPLES = 15
"""A label with fewer certain examples in the training data is not learnt."""

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

    ``minutes`` is CPU time (on a GPU, that of the clock), after which the best so far stands. An
    epoch takes all texts of corpora that annotate relations, and of the others a share of
    ``side_rate``, drawn anew each time. ``teachers`` are finished runs on the same corpora, whose
    mean the model learns as well.
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


@dataclass(frozen=True)
class Corpus:
    """What a run reads: the same for every seed, and ready in seconds.

    ``items`` are of corpora that annotate relations, ``side`` of the others; ``table`` has their
    words.
    """

    items: list[Item]
    side: list[Item]
    dev: Development
    labels: Labels
    table: WordTable

    @classmethod
    def load(cls, settings: FitSettings) -> "Corpus":
        """Read and prepare the files of a language."""
        examples = training_examples(settings.data, settings.language, settings.scheme)
        if settings.language == "en":
            examples = [weakened(example) for example in examples]
        steering = of_scheme(DEV[settings.language], settings.scheme)
        dev = Development.load(read_examples(settings.data, steering))
        labels = load_labels(settings.start) if settings.start else choose_labels(examples)
        table = WordTable(settings.language, TRAINING_VOCABULARY)
        related = [example for example in examples if RELATION_LABELS[example.scheme]]
        others = [example for example in examples if not RELATION_LABELS[example.scheme]]
        items, side = prepare(related, labels, table), prepare(others, labels, table)
        return cls(items, side, dev, labels, table)


class Run:
    """A training run: everything that a checkpoint holds."""

    def __init__(self, settings: FitSettings, corpus: Corpus | None = None) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(settings.seed)
        self.settings = settings
        corpus = corpus or Corpus.load(settings)
        self.items, self.side, self.dev = corpus.items, corpus.side, corpus.dev
        self.labels, self.table = corpus.labels, corpus.table
        reader, shape = new_reader(settings.language, pretrained=True)
        shape = replace(
            shape,
            types=len(self.labels.types),
            relations=len(self.labels.relations),
            conventions=1 + len(self.labels.conventions),
        )
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.backends.cuda.matmul.allow_tf32 = True
        self.model = ExtractionModel(shape, reader, *DROPOUT[settings.language]).to(self.device)
        if settings.start:
            started = load_model(settings.start, settings.language)
            self.model.load_state_dict(started.state_dict())
        texts = [*self.items, *self.side]
        self.teachers = [
            Teacher(load_model(run, settings.language).to(self.device), texts, self.table)
            for run in settings.teachers
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

    @cached_property
    def steps_planned(self) -> int:
        """Return the number of steps of the whole schedule, estimated by tokens without padding.

        English epochs have a tenth more steps, Russian ones two thirds more, the last of which go
        at the lowest rate. The shipped models were trained so.
        """
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
        # Matrices in bfloat16. Measured on a CPU that knows it: English steps are three times as
        # fast as in float32, Russian ones about twice.
        with torch.autocast(self.device.type, torch.bfloat16):
            states = self.model.encode(*inputs.arguments)
        logits = self.model.score_spans(states)
        read = [teacher.read(batch, inputs) for teacher in self.teachers]
        taught = [
            torch.softmax(teacher.model.score_spans(own), dim=-1)
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
                (teacher.model, own[inputs.filled])
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

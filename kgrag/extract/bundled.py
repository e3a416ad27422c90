"""The extractor that ships with kgrag: small English and Russian models, run by ONNX Runtime.

No torch, no GPU, no download. Each block of a text goes to the model of its language.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from indexes.errors import ModelError
from indexes.records import Extraction, Mention, MentionRelation
from indexes.text import Language
from kgrag.extract.candidates import Floats, Integers
from kgrag.extract.coreference import coreference_model
from kgrag.extract.labels import Labels, Scale, calibrated
from kgrag.extract.reader import Reader
from kgrag.extract.settle import ReadPart, TypedPair, settle
from kgrag.extract.spans import TypedSpan
from kgrag.extract.tokens import Part, split
from kgrag.extract.words import WordTable
from kgrag.ontology import load_ontology

MODELS_FOLDER = Path(__file__).parent.parent / "models"

GRAPHS = ("encode.onnx", "relate.onnx")

READING_VERSION = 3
"""To be raised when the same weights would read a text otherwise: tokens, features, decoding."""

TEXTS_AT_ONCE = 256
"""Texts that are cut and read together: enough to fill batches with windows of like length."""


class OnnxScorer:
    """The network of one language; see ``kgrag.train.export`` for its two graphs."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # The reader runs several batches at once instead.
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._encode, self._relate = (
            onnxruntime.InferenceSession(
                str(folder / name), options, providers=["CPUExecutionProvider"]
            )
            for name in GRAPHS
        )
        self._inputs = [given.name for given in self._encode.get_inputs()]

    def encode(
        self,
        vectors: Floats,
        features: Integers,
        words: Integers,
        starts: Integers,
        lengths: Integers,
        conventions: Integers,
    ) -> tuple[Floats, Floats]:
        """Return states (B, L, hidden) and probabilities (B, L, W, 1 + types)."""
        given = {
            "vectors": vectors,
            "features": features,
            "words": words,
            "starts": starts,
            "lengths": lengths,
            "conventions": conventions,
        }
        # English has no static vectors: its graph does not take them.
        states, probabilities = self._encode.run(None, {name: given[name] for name in self._inputs})
        return states, probabilities

    def relate(
        self,
        states: Floats,
        mentions: Integers,
        types: Integers,
        names: Integers,
        parts: Integers,
        pairs: Integers,
        places: Integers,
    ) -> Floats:
        """Return probabilities (P, relations)."""
        scores: Floats = self._relate.run(
            None,
            {
                "states": states,
                "mentions": mentions,
                "types": types,
                "names": names,
                "parts": parts,
                "pairs": pairs,
                "places": places,
            },
        )[0]
        return scores


@dataclass(frozen=True)
class ModelConfig:
    """What ``config.json`` says of a model: its labels, and the hashes of its graphs."""

    labels: Labels
    sha256: dict[str, str]

    @classmethod
    def load(cls, folder: Path) -> "ModelConfig":
        """Read and check a model's folder; ModelError where it is incomplete or altered."""
        path = folder / "config.json"
        try:
            content: dict[str, Any] = json.loads(path.read_text("utf-8"))
            labels = Labels(
                tuple(content["types"]),
                tuple(content["relations"]),
                float(content["span_threshold"]),
                dict(content["relation_thresholds"]),
                float(content["candidate_threshold"]),
                tuple(content["conventions"]),
                _scale(content["mention_scale"]),
                _scale(content["relation_scale"]),
            )
            config = cls(labels, dict(content["sha256"]))
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"{path} is no model configuration ({error}); reinstall kgrag"
            ) from error
        for name in GRAPHS:
            if _sha256(folder / name) != config.sha256.get(name):
                raise ModelError(f"{folder / name} is missing or altered; reinstall kgrag")
        return config

    def digest(self) -> str:
        """Return a hash of everything here that shapes the output."""
        parts = [sorted(self.sha256.items()), self.labels.types, self.labels.relations]
        thresholds = [
            self.labels.span_threshold,
            self.labels.candidate_threshold,
            sorted(self.labels.relation_thresholds.items()),
            self.labels.mention_scale,
            self.labels.relation_scale,
        ]
        return hashlib.sha256(json.dumps([parts, thresholds]).encode()).hexdigest()[:16]


class BundledExtractor:
    """Finds mentions and relations in English and Russian text.

    Parameters
    ----------
    models_folder:
        Holds ``en`` and ``ru``; None takes the models that ship with kgrag.
    threads:
        Batches that are read at once; results do not depend on it.

    Raises
    ------
    ModelError
        A model is missing or altered.
    """

    name = "bundled"

    def __init__(self, models_folder: Path | None = None, threads: int = 2) -> None:
        self._folder = MODELS_FOLDER if models_folder is None else models_folder
        self._threads = threads
        self._configs: dict[Language, ModelConfig] = {
            language: ModelConfig.load(self._folder / language) for language in get_args(Language)
        }
        self._readers: dict[Language, Reader] = {}
        digests = [f"{language}:{config.digest()}" for language, config in self._configs.items()]
        digests.append(f"references:{coreference_model().digest()}")
        self.fingerprint = f"bundled-{READING_VERSION} " + " ".join(digests)

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Return one extraction for each text, in order.

        Parameters
        ----------
        texts:
            Anything; what is no language yields few mentions or none.

        Returns
        -------
        list of Extraction
            Mentions in text order, an outer one before those inside it.
        """
        return [
            extraction
            for begin in range(0, len(texts), TEXTS_AT_ONCE)
            for extraction in self._extract(texts[begin : begin + TEXTS_AT_ONCE])
        ]

    def _extract(self, texts: Sequence[str]) -> list[Extraction]:
        parts = [(number, part) for number, text in enumerate(texts) for part in split(text)]
        reads: dict[int, ReadPart] = {}
        for language in get_args(Language):
            own = [index for index, (_, part) in enumerate(parts) if part.language == language]
            if own:
                found = self._reader(language).read(
                    [texts[parts[index][0]] for index in own], [parts[index][1] for index in own]
                )
                reads.update(zip(own, found, strict=True))
        pieces: list[list[tuple[Part, ReadPart]]] = [[] for _ in texts]
        for index, (number, part) in enumerate(parts):
            pieces[number].append((part, reads[index]))
        return [self._join(text, found) for text, found in zip(texts, pieces, strict=True)]

    def _reader(self, language: Language) -> Reader:
        if language not in self._readers:
            self._readers[language] = Reader(
                self._configs[language].labels,
                WordTable(language),
                OnnxScorer(self._folder / language),
                threads=self._threads,
            )
        return self._readers[language]

    def _join(self, text: str, pieces: list[tuple[Part, ReadPart]]) -> Extraction:
        mentions: list[Mention] = []
        relations: list[MentionRelation] = []
        known = load_ontology().relation_types
        for part, read in pieces:
            labels = self._configs[part.language].labels
            offset = len(mentions)
            symmetric = [known[relation].symmetric for relation in labels.relations]
            settled = settle(read, labels, symmetric)
            for span, antecedent in zip(settled.spans, settled.antecedents, strict=True):
                start, end = part.tokens[span.first][0], part.tokens[span.last][1]
                mentions.append(
                    Mention(
                        start,
                        end,
                        text[start:end],
                        labels.types[span.type],
                        calibrated(span.score, labels.mention_scale),
                        None if antecedent is None else antecedent + offset,
                    )
                )
            for pair in settled.pairs:
                relation = _relation(pair, part, settled.spans, labels, offset)
                subject, object_ = mentions[relation.subject], mentions[relation.object]
                # A name is no other name of itself, and nobody is their own relative.
                if subject.text.casefold() != object_.text.casefold():
                    relations.append(relation)
        return Extraction(tuple(mentions), tuple(relations))


def _relation(
    pair: TypedPair, part: Part, spans: Sequence[TypedSpan], labels: Labels, offset: int
) -> MentionRelation:
    """Return the relation with the sentences, first to last, that hold both mentions."""
    ends = [spans[pair.subject], spans[pair.object]]
    first = part.sentence_of[min(span.first for span in ends)]
    last = part.sentence_of[max(span.last for span in ends)]
    return MentionRelation(
        subject=pair.subject + offset,
        relation=labels.relations[pair.relation],
        object=pair.object + offset,
        start=part.sentences[first][0],
        end=part.sentences[last][1],
        score=calibrated(pair.score, labels.relation_scale),
    )


def _scale(values: Sequence[float]) -> Scale:
    slope, offset = values
    return float(slope), float(offset)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""

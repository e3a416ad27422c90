"""Questions with what is expected of their answers, from whatever file they came."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from indexes.text import Language


@dataclass(frozen=True, slots=True)
class Expected:
    """A piece of evidence that a good answer cites.

    Parameters
    ----------
    document:
        The name of its document in the library, as ``kgrag list`` shows it.
    page:
        Counted from 1; None where the document has none, or any page will do.
    quote:
        What the citation should hold, or lie in; empty where any passage of the document will do.
    """

    document: str
    page: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what is expected of its answer.

    Parameters
    ----------
    id:
        Unique in its set, and the same whenever the set is read.
    text:
        What is asked.
    answers:
        Any of these is right; empty where no answer is expected in words.
    evidence:
        What the answer rests on. Several pieces of one document or of several are all needed.
    answerable:
        False where kgrag should decline.
    kind:
        Hops or type, as the set calls them: "bridge", "comparison", "single"; may be empty.
    wrong:
        Answers that must not be given: a user has retracted them.
    """

    id: str
    text: str
    answers: tuple[str, ...] = ()
    evidence: tuple[Expected, ...] = ()
    answerable: bool = True
    kind: str = ""
    language: Language = "en"
    wrong: tuple[str, ...] = ()

    @property
    def documents(self) -> frozenset[str]:
        """The names of the documents that are needed."""
        return frozenset(piece.document for piece in self.evidence)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions, and the documents that they are asked of where the set brings its own.

    Parameters
    ----------
    name, licence:
        As reports show them; the licence is "your own" for a user's file.
    questions:
        In the order of the file.
    texts:
        Documents that the set brings: file name (with .md or .txt) and text. Empty with ``files``,
        or where the user's own library is asked.
    files:
        A folder of documents that the set brings, instead of ``texts``.
    checksum:
        "sha256:..." over the files that it was read from.
    skipped:
        Lines that were left out, each with its number and the reason in plain words.
    """

    name: str
    questions: tuple[Question, ...]
    licence: str = "your own"
    texts: Mapping[str, str] = field(default_factory=dict)
    files: Path | None = None
    checksum: str = ""
    skipped: tuple[str, ...] = ()

    @property
    def brings_documents(self) -> bool:
        """Whether it can be asked without a library of the user's."""
        return bool(self.texts) or self.files is not None

    def first(self, limit: int | None) -> "QuestionSet":
        """Return the set with at most so many questions, evenly drawn from its whole length."""
        count = len(self.questions)
        if limit is None or limit >= count:
            return self
        kept = tuple(self.questions[at * count // limit] for at in range(limit))
        return QuestionSet(
            self.name, kept, self.licence, self.texts, self.files, self.checksum, self.skipped
        )

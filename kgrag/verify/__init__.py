"""Does a cited sentence support what a language model wrote? No language model is asked.

    claim, cited sentences -> words, values, names -> rules -> support model -> verdict

The rules (numbers, names, denial, who did what to whom) say what plainly fails; a small classifier
over how the claim's words align with the sources says how much of it they bear out.
"""

from collections.abc import Sequence

from indexes.text import language_of
from kgrag.verify.reasons import reason
from kgrag.verify.records import Ground, Status, Verdict
from kgrag.verify.relevance import content, is_stray
from kgrag.verify.rules import SEVERITY, Finding, findings
from kgrag.verify.sources import Sources, read_sources
from kgrag.verify.support import PARTLY, SUPPORTED, covers_anything, score_of, uncovered_words

__all__ = ["Ground", "Status", "Verdict", "verify"]

CAPS: dict[Status, float] = {"contradicted": 0.05, "unsupported": 0.2, "partly": 0.6}
"""Greatest score of a claim of which a rule says that it fails."""


def verify(claim: str, grounds: Sequence[Ground], question: str = "") -> Verdict:
    """Return whether the sentences that a claim cites support it.

    Parameters
    ----------
    claim:
        One sentence, in English or Russian, without its citation numbers.
    grounds:
        The sentences that it cites; none support nothing.
    question:
        What it is to answer: a claim that has to do neither with it nor with what the sources are
        about is not taken from them, though they hold it.
    """
    language = language_of(claim)
    if not any(ground.text.strip() for ground in grounds):
        return Verdict("unsupported", 0.0, reason("no_sources", language))
    sources = read_sources(claim, grounds)
    if sources is None:
        return Verdict("unsupported", 0.0, reason("order", language))
    if is_stray(claim, grounds, question):
        return Verdict("unsupported", CAPS["unsupported"], reason("stray", language))
    found = findings(sources)
    score = score_of(sources, found)
    found = sorted(
        [*found, *_by_score(sources, score, question)], key=lambda f: SEVERITY.index(f.status)
    )
    if not found:
        return Verdict("supported", score, None)
    worst = found[0]
    score = min(score, CAPS[worst.status])
    return Verdict(worst.status, score, reason(worst.kind, language, **worst.parts))


def _by_score(sources: Sources, score: float, question: str) -> list[Finding]:
    covered = covers_anything(sources)
    if score >= SUPPORTED and covered:
        return []
    missing = uncovered_words(sources)
    # What an answer repeats of its question is not what the source is cited for.
    only_asked = bool(missing) and content(" ".join(missing)) <= content(question)
    status: Status = "partly" if covered and (score >= PARTLY or only_asked) else "unsupported"
    if missing:
        return [Finding("uncovered", status, {"words": ", ".join(missing)})]
    return [Finding("unsure", status)]

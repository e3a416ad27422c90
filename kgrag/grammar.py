"""The grammar that a served model must keep to: sentences that end with retrieved numbers only.

Made anew for each request: a number that was not retrieved cannot be written, for no token that
would begin one is ever allowed. EBNF as xgrammar reads it, which vLLM uses for structured outputs.
"""

from collections.abc import Collection

MAX_SENTENCE_CHARS = 400
MAX_CITED = 3
"""Numbers at the end of one sentence."""

_CHARS = r" !-Z\\^-~\u00A0-\u1FFF\u2010-\u2027\u2030-\u205E\u20A0-\uD7FF\uF900-\uFDCF"
"""What sentences consist of: no square bracket, no control character, no line's end.

Named one by one, for xgrammar's complement of a class also lets halves of characters through.
"""

_FIRST = r"!-Z^-~\u00A1-\u1FFF\u2010-\u2027\u2030-\u205E\u20A0-\uD7FF"


def answer_grammar(numbers: Collection[int], nothing: str, most: int) -> str:
    """Return the grammar of an answer.

    Parameters
    ----------
    numbers:
        What may be cited; where there is nothing, nothing can be answered.
    nothing:
        The sentence that stands for "not in the documents".
    most:
        Sentences at most.
    """
    if not numbers:
        return f'root ::= "{nothing}"'
    cited = " | ".join(f'"{number}"' for number in sorted(numbers))
    return "\n".join(
        (
            f'root ::= "{nothing}" | sentence (" " sentence){{0,{most - 1}}}',
            f"sentence ::= [{_FIRST}] [{_CHARS}]{{1,{MAX_SENTENCE_CHARS}}} cite{{1,{MAX_CITED}}}",
            f'cite ::= " [" ({cited}) "]"',
        )
    )


def line_grammar(most_chars: int) -> str:
    """Return the grammar of one line of text."""
    return f"root ::= [{_FIRST}] [{_CHARS}]{{1,{most_chars}}}"

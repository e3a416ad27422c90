"""The grammar that a served model must keep to: sentences that end with retrieved numbers only.

Made anew for each request: a number that was not retrieved cannot be written, for no token that
would begin one is ever allowed. EBNF as xgrammar reads it, which vLLM uses for structured outputs.
A sentence is bounded by its words and they by their letters, not by its characters: for "up to 400
characters" of a vocabulary of 200,000 tokens xgrammar 0.2.8 takes 9 s a request, for words 0.3 s
(two busy cores) and 0.6 ms a token.
"""

from collections.abc import Collection

MAX_SENTENCE_WORDS = 50
MAX_WORD_CHARS = 30
MAX_CITED = 3
"""Numbers at the end of one sentence."""

_WORD = r"!-Z\\^-~\u00A1-\u1FFF\u2010-\u2027\u2030-\u205E\u20A0-\uD7FF\uF900-\uFDCF"
"""What words consist of: no space, no square bracket, no control character, no line's end.

Named one by one, for xgrammar's complement of a class also lets halves of characters through.
"""


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
            f"sentence ::= line cite{{1,{MAX_CITED}}}",
            _line(),
            f'cite ::= " [" ({cited}) "]"',
        )
    )


def line_grammar() -> str:
    """Return the grammar of one line of text."""
    return f"root ::= line\n{_line()}"


def _line() -> str:
    longest = MAX_SENTENCE_WORDS - 1
    return f'line ::= word (" " word){{0,{longest}}}\nword ::= [{_WORD}]{{1,{MAX_WORD_CHARS}}}'

from hypothesis import given
from hypothesis import strategies as st

from indexes.records import Heading
from indexes.text import sentences
from kgrag.passages import MAX_CHARS, TARGET_CHARS, split_passages

_SENTENCE = st.integers(1, 900).map(lambda n: "A" + "b " * (n // 2) + "c.")


@given(st.lists(_SENTENCE, max_size=12), st.sets(st.integers(0, 11)))
def test_every_sentence_lies_in_exactly_one_passage(parts: list[str], heads: set[int]) -> None:
    text = "\n\n".join(parts)
    starts = [sum(len(part) + 2 for part in parts[:i]) for i in range(len(parts))]
    headings = [Heading(1, starts[i], starts[i] + len(parts[i])) for i in sorted(heads)
                if i < len(parts)]  # fmt: skip
    passages = split_passages(text, headings)
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    held = [
        [(s, e) for s, e in sentences(text) if passage.start <= s and e <= passage.end]
        for passage in passages
    ]
    assert [span for spans in held for span in spans] == sentences(text)
    for passage, spans in zip(passages, held, strict=True):
        assert (passage.start, passage.end) == (spans[0][0], spans[-1][1])
        assert passage.end - passage.start <= MAX_CHARS or len(spans) == 1
        for heading in headings:
            assert not passage.start < heading.start < passage.end, "crosses a heading"


def test_short_sentences_are_gathered_to_the_length_aimed_at() -> None:
    passages = split_passages("A short sentence. " * 100)
    lengths = [passage.end - passage.start for passage in passages]
    assert all(TARGET_CHARS <= length <= TARGET_CHARS + 20 for length in lengths[:-1])


def test_no_text_has_no_passages() -> None:
    assert split_passages("") == split_passages(" \n\n ") == ()

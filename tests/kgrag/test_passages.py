from hypothesis import given
from hypothesis import strategies as st

from indexes.records import Heading
from indexes.text import sentences
from kgrag.passages import MAX_CHARS, split_passages

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
        assert passage.sentences == tuple(spans)
        below = [span for span in spans if span[0] not in starts_of(headings)]
        first = below[0][0] if below else passage.end
        for heading in headings:
            assert not first < heading.start < passage.end, "crosses a heading"


def starts_of(headings: list[Heading]) -> set[int]:
    return {heading.start for heading in headings}


def test_a_long_section_is_cut_into_passages_of_about_one_length() -> None:
    passages = split_passages("A short sentence. " * 100)
    lengths = [passage.end - passage.start for passage in passages]
    assert len(lengths) == 3
    assert max(lengths) - min(lengths) < 40


def test_a_section_that_fits_is_one_passage() -> None:
    text = "A short sentence. " * 40
    (passage,) = split_passages(text)
    assert (passage.start, passage.end) == (0, len(text) - 1)


def test_a_passage_knows_the_headings_above_it() -> None:
    text = "Rivers\n\nEurope\n\nThe Danube is long.\n\nAsia\n\nThe Ob is long."
    heads = [Heading(1, 0, 6), Heading(2, 8, 14), Heading(2, 37, 41)]
    passages = split_passages(text, heads)
    assert [text[p.start : p.end] for p in passages] == [text[:35], text[37:]]
    assert [passage.context for passage in passages] == ["", "Rivers"]


def test_no_text_has_no_passages() -> None:
    assert split_passages("") == split_passages(" \n\n ") == ()

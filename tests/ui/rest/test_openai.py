"""OpenAI's own client uses a library as a model."""

from collections.abc import Iterator

import openai
import pytest

from kgrag import KnowledgeBase
from kgrag.events import Answer, Citation, Sentence, Token
from tests.chat_server import break_off_after, say, serving
from tests.ui.asking import with_model
from tests.ui.rest.serving import BORN, service_over
from ui.rest.openai_text import Said, annotations, final_text


@pytest.fixture
def llm(knowledge_base: KnowledgeBase) -> Iterator[openai.OpenAI]:
    with service_over(knowledge_base) as url, client_at(url) as client:
        yield client


def client_at(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=30.0)


def marks(content: str, cited: list[dict[str, object]]) -> list[str]:
    """Return what stands in the message where annotations say that a mark does."""
    return [content[item["start_index"] : item["end_index"]] for item in cited]  # type: ignore[index]


def ask(question: str) -> list[openai.types.chat.ChatCompletionMessageParam]:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": question}]


def test_libraries_are_listed_as_models(llm: openai.OpenAI) -> None:
    assert [model.id for model in llm.models.list()] == ["main"]


def test_an_answer_comes_whole_with_its_citations(llm: openai.OpenAI) -> None:
    done = llm.chat.completions.create(model="main", messages=ask(BORN))
    message = done.choices[0].message
    assert message.content == "Leonhard Euler was born in Basel. [1]"
    assert done.choices[0].finish_reason == "stop"
    assert done.usage is not None
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens
    cited = done.model_dump()["choices"][0]["message"]["annotations"]
    assert marks(message.content, cited) == ["[1]"]
    place = cited[0]["file_citation"]
    assert place["filename"] == "handlist.txt"
    assert place["quote"] == "Leonhard Euler was born in Basel."
    assert place["file_id"].startswith("sha256:")


def test_an_answer_comes_in_pieces_that_make_up_the_same(llm: openai.OpenAI) -> None:
    whole = llm.chat.completions.create(model="main", messages=ask(BORN))
    pieces = list(
        llm.chat.completions.create(
            model="main",
            messages=ask(BORN),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(p.choices[0].delta.content or "" for p in pieces if p.choices)
    assert text == whole.choices[0].message.content
    assert pieces[-1].usage == whole.usage
    last = pieces[-2]
    assert last.choices[0].finish_reason == "stop"
    cited = last.model_dump()["choices"][0]["delta"]["annotations"]
    known = whole.model_dump()["choices"][0]["message"]["annotations"]
    for annotation in known:
        annotation.pop("url_citation")  # which the client adds, as None
    assert cited == known
    assert len({piece.id for piece in pieces}) == 1


def test_a_question_may_refer_to_earlier_messages(llm: openai.OpenAI) -> None:
    done = llm.chat.completions.create(
        model="main",
        messages=[
            {"role": "user", "content": BORN},
            {"role": "assistant", "content": "Leonhard Euler was born in Basel. [1]"},
            {"role": "user", "content": [{"type": "text", "text": "And whom did he marry?"}]},
        ],
    )
    assert "Katharina Gsell" in str(done.choices[0].message.content)


def test_a_library_is_known_by_its_name_too(llm: openai.OpenAI) -> None:
    import httpx

    base = str(llm.base_url).removesuffix("/v1/")
    httpx.patch(f"{base}/api/libraries/main", json={"name": "Euler's papers"}).raise_for_status()
    done = llm.chat.completions.create(model="euler's papers", messages=ask(BORN))
    assert done.model == "euler's papers"
    with pytest.raises(openai.NotFoundError, match="no library"):
        llm.chat.completions.create(model="other", messages=ask(BORN))


@pytest.mark.parametrize("stream", [True, False])
def test_a_chat_without_a_question_is_refused_in_words(llm: openai.OpenAI, stream: bool) -> None:
    with pytest.raises(openai.BadRequestError, match="role user"):
        llm.chat.completions.create(
            model="main", messages=[{"role": "system", "content": "Hi"}], stream=stream
        )


def test_what_is_declined_says_why_and_cites_nothing(llm: openai.OpenAI) -> None:
    done = llm.chat.completions.create(model="main", messages=ask("Who discovered Xenopolis?"))
    assert "do not say" in str(done.choices[0].message.content)
    assert done.model_dump()["choices"][0]["message"]["annotations"] == []


def test_a_model_that_breaks_off_withdraws_what_was_sent(knowledge_base: KnowledgeBase) -> None:
    with serving() as (server, endpoint), with_model(knowledge_base, endpoint) as asked:
        server.usual = break_off_after("Leonhard Euler married Katharina Gsell. [3] He")
        with service_over(asked) as url, client_at(url) as llm:
            pieces = list(
                llm.chat.completions.create(model="main", messages=ask(BORN), stream=True)
            )
            text = "".join(p.choices[0].delta.content or "" for p in pieces)
            sent, withdrawn, rest = text.partition("What stands above is withdrawn.)")
            assert sent.startswith("Leonhard Euler married Katharina Gsell. [1]")
            assert withdrawn
            assert "Quoted from your documents instead." in rest
            cited = pieces[-1].model_dump()["choices"][0]["delta"]["annotations"]
            assert marks(text, cited) == ["[1]"]
            assert cited[0]["start_index"] > len(sent)


def test_a_whole_answer_of_a_model_is_streamed_as_it_is_written(
    knowledge_base: KnowledgeBase,
) -> None:
    told = "Leonhard Euler was born in Basel. [1] Leonhard Euler married Katharina Gsell. [3]"
    with serving() as (server, endpoint), with_model(knowledge_base, endpoint) as asked:
        server.usual = say(told)
        with service_over(asked) as url, client_at(url) as llm:
            question = "Where was Leonhard Euler born, and whom did he marry?"
            whole = llm.chat.completions.create(model="main", messages=ask(question))
            pieces = list(
                llm.chat.completions.create(model="main", messages=ask(question), stream=True)
            )
            said = [p.choices[0].delta.content for p in pieces if p.choices[0].delta.content]
            assert len(said) == 2
            assert "".join(said) == whole.choices[0].message.content


# -- what can be sent when -------------------------------------------------------------------------


def sentence(text: str, verdict: str = "supported", n: int = 1) -> Sentence:
    return Sentence(text, (n,), verdict)  # type: ignore[arg-type]


def answered(*sentences: Sentence, why: str | None = None, notice: str | None = None) -> Answer:
    source = Citation(1, "sha256:a", "a.txt", None, 0, 1, "q")
    return Answer(
        "Q?", sentences, (source,), why is not None, why, "llm", 0.0, notice=notice
    )  # fmt: skip


def test_nothing_is_sent_that_may_still_be_withheld() -> None:
    said = Said()
    assert said.add(Token("", sentence("Half.", "partly"))) == ""
    assert said.add(Token("", sentence("Struck.", "unsupported"))) == ""
    assert said.end(answered(why="The documents do not say."))[0] == "The documents do not say."
    assert "Half" not in said.text


def test_what_waited_is_sent_once_a_sentence_is_supported() -> None:
    parts = [sentence("Half.", "partly"), sentence("No.", "contradicted"), sentence("Whole.")]
    said = Said()
    sent = [said.add(Token("", part)) for part in parts]
    assert sent == ["", "", "Half. [1] Whole. [1]"]
    rest, cited = said.end(answered(*parts))
    assert rest == ""
    assert marks(said.text, cited) == ["[1]", "[1]"]


def test_a_quotation_that_looks_like_a_mark_is_none() -> None:
    answer = answered(sentence("See [1] there."), notice="Told. [1]")
    text = final_text(answer)
    cited = annotations(answer)
    assert [item["start_index"] for item in cited] == [len("See [1] there. ")]
    assert marks(text, cited) == ["[1]"]

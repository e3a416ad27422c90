import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.language import Welcome
from ui.words import STATIC, words


@pytest.fixture
def client() -> TestClient:
    pages = Route("/{path:path}", lambda request: PlainTextResponse(request.url.path))
    return TestClient(Welcome(Starlette(routes=[pages])), follow_redirects=False)


@pytest.mark.parametrize(
    ("cookie", "spoken", "leads_to"),
    [
        ("", "", None),
        ("", "en-GB,ru;q=0.5", None),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "/ru/"),
        ("kgrag_language=en", "ru", None),
        ("kgrag_language=ru", "en", "/ru/"),
        ("other=1; kgrag_language=ru", "", "/ru/"),
        ("kgrag_language=//evil.example", "", None),
    ],
)
def test_the_page_opens_as_chosen_or_else_as_the_browser_speaks(
    client: TestClient, cookie: str, spoken: str, leads_to: str | None
) -> None:
    answer = client.get("/", headers={"cookie": cookie, "accept-language": spoken})
    assert answer.headers.get("location") == leads_to
    assert answer.status_code == (303 if leads_to else 200)


def test_the_russian_page_is_found_without_its_slash_and_nothing_else_is_led_on(
    client: TestClient,
) -> None:
    assert client.get("/ru").headers["location"] == "/ru/"
    for path in ("/ru/", "/en", "/rules", "/api/libraries"):
        assert client.get(path, headers={"accept-language": "ru"}).status_code == 200
    assert client.post("/", headers={"accept-language": "ru"}).status_code != 303


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    english, russian = words("en").texts, words("ru").texts
    assert english.keys() == russian.keys()
    assert len(english) > 300

    def places(text: str) -> set[str]:
        return {part.split("}")[0] for part in text.split("{")[1:]}

    assert {key for key in english if places(english[key]) != places(russian[key])} == set()
    assert len(list(STATIC.glob("words.*.json"))) >= 6


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 фактов"), (1, "1 факт"), (3, "3 факта"), (11, "11 фактов"), (12, "12 фактов"),
     (21, "21 факт"), (102, "102 факта"), (1111, "1\u202f111 фактов")],
)  # fmt: skip
def test_counted_things_take_the_plural_of_their_language(number: int, said: str) -> None:
    assert words("ru").count("facts", number) == said


def test_english_counts_too() -> None:
    assert [words("en").count("facts", n) for n in (0, 1, 1200)] == [
        "0 facts", "1 fact", "1,200 facts"
    ]  # fmt: skip

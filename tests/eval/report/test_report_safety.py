"""Text of documents, questions and models stays text, and a page works in a browser by itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from eval.comparing import compare
from eval.items import Item
from eval.report import comparison_html, write_report
from tests.eval.report.parsed_pages import parsed, words
from tests.eval.report.run_folders import MADE, begin, header_of, items_of, write
from tests.ui.browsing import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IN_A_BROWSER = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

PAYLOADS = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "'><svg onload=document.title='owned'>",
    "</style></script></title></svg><iframe src=https://example.org></iframe>",
    "<a href=javascript:alert(1)>x</a>{0}{title}%s",
    "{0.__class__}\u202e<link rel=stylesheet href=//example.org/x.css>",
)

OWN_ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "nav", "strong", "a", "main", "script",
    "header", "h1", "h2", "h3", "h4", "h5", "p", "dl", "dt", "dd", "div", "aside", "ul", "ol", "li",
    "table", "thead", "tbody", "tr", "th", "td", "section", "span", "small", "b", "i", "u", "s",
    "br", "details", "summary", "blockquote", "footer", "code", "figure", "figcaption", "svg",
    "line", "circle", "rect", "path", "polyline", "text",
}  # fmt: skip


def poisoned(value: Any, at: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with a payload at the end of every text in it."""
    if isinstance(value, str):
        return f"{value} {PAYLOADS[(at + len(value)) % len(PAYLOADS)]}"
    if isinstance(value, dict):
        return {poisoned(key, at): poisoned(one, at + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, at + place) for place, one in enumerate(value)]
    return value


def poisoned_items(task: str) -> list[Item]:
    """Return items whose every text a stranger may have written; the names of fields are ours."""
    return [
        Item(
            poisoned(item.case, at),
            poisoned(item.group),
            item.counts,
            item.system if item.system == "kgrag" else poisoned(item.system),
            {name: poisoned(tag, at) for name, tag in item.tags.items()},
            {
                name: [
                    {key: poisoned(one, at + place) for key, one in part.items()}
                    if isinstance(part, dict)
                    else poisoned(part, at + place)
                    for place, part in enumerate(shown)
                ]
                if isinstance(shown, list)
                else poisoned(shown, at)
                for name, shown in item.shown.items()
            },
        )
        for at, item in enumerate(items_of(task, 24))
    ]


def poisoned_header(task: str) -> dict[str, Any]:
    """Return a run.json of which only the names of fields are ours."""
    header = header_of(task)
    del header["task"]
    header["sets"] = [{key: poisoned(v) for key, v in one.items()} for one in header["sets"]]
    for name in ("model", "library"):
        header[name] = {key: poisoned(one) for key, one in header[name].items()}
    for name in ("command", "options", "commit", "versions", "models"):
        header[name] = poisoned(header[name])
    return header


def pages(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the poisoned pages: of each task, of all, and of a comparison."""
    for task in MADE:
        run = write(folder / task, task, poisoned_items(task), **poisoned_header(task))
        failed = [{"case": poisoned("a"), "message": poisoned("b")}]
        run.finish({**run.summary(), "failures": failed, "finished": False})
        yield task, write_report(run.folder)
    yield "all", write_report(folder)
    one = begin(folder / "one", "answers", poisoned_items("answers"))
    changed = [
        Item(
            i.case, i.group, {**i.counts, "abstention": (1.0, 1.0, 1.0)}, i.system, i.tags, i.shown
        )
        for i in one.items()
    ]
    other = begin(folder / "other", "answers", changed, **poisoned_header("answers"))
    page = folder / "comparison.html"
    page.write_text(comparison_html(compare(one, other), one.header, other.header), "utf-8")
    yield "comparison", page


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def test_no_text_becomes_an_element_or_an_attribute(tmp_path: Path) -> None:
    for name, path in pages(tmp_path):
        page = parsed(path.read_text(encoding="utf-8"))
        assert "document.title='owned'" in words(page), name
        assert {str(element.tag) for element in page.iter()} <= OWN_ELEMENTS, name
        assert not page.xpath("//@*[starts-with(name(), 'on')]"), name
        assert all(link.startswith("#") for link in page.xpath("//@href | //@src")), name
        assert len(page.xpath("//script")) == len(page.xpath("//style")) == 1, name


def listened_to(page: "Page") -> list[str]:
    """Return a list to which all is added that a page asks for, and all that it says."""
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url))
    page.on("console", lambda line: told.append(line.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    return told


@IN_A_BROWSER
@pytest.mark.browser
def test_in_a_browser_no_strange_script_runs_and_no_request_leaves(
    browser: "Browser", tmp_path: Path
) -> None:
    for name, path in pages(tmp_path):
        page = browser.new_page(viewport={"width": 390, "height": 844})
        told = listened_to(page)
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.wait_for_timeout(50)
        assert told == [path.as_uri()], name
        assert "kgrag evaluation" in page.title(), name
        assert page.evaluate("document.documentElement.scrollWidth") == 390, name
        page.close()


@IN_A_BROWSER
@pytest.mark.browser
def test_a_script_that_is_not_the_pages_own_is_refused(browser: "Browser", tmp_path: Path) -> None:
    path = write_report(write(tmp_path, "speed", items_of("speed", 6)).folder)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</main>", f"{PAYLOADS[0]}{PAYLOADS[1]}</main>"), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(50)
    assert page.title() == "Speed – kgrag evaluation"
    page.close()


def opened(browser: "Browser", path: Path) -> "Page":
    page = browser.new_page()
    page.goto(path.as_uri())
    return page


@IN_A_BROWSER
@pytest.mark.browser
def test_a_click_on_a_column_sorts_by_its_numbers(browser: "Browser", tmp_path: Path) -> None:
    page = opened(browser, write_report(write(tmp_path, "speed", items_of("speed")).folder))
    column = page.locator("table.numbers th", has_text="Median")
    shown = "() => [...document.querySelectorAll('tbody td:nth-child(4)')].map(c => c.dataset.v)"
    for down in (True, False):
        column.click()
        values = [float(value) for value in page.evaluate(shown) if value]
        assert values == sorted(values, reverse=down)
        assert page.evaluate(shown)[-1] == "", "what was not measured stays at the end"
    page.close()


@IN_A_BROWSER
@pytest.mark.browser
def test_the_filter_leaves_the_cases_that_say_it(browser: "Browser", tmp_path: Path) -> None:
    run = write(tmp_path, "answers", items_of("answers"))
    page = opened(browser, write_report(run.folder))
    page.get_by_label("Filter the cases shown").fill("томск")
    left = page.locator(".case:not([hidden])")
    own = [item for item in run.items() if item.system == "kgrag"]
    wanted = sum("Томск" in json.dumps(item.shown, ensure_ascii=False) for item in own)
    assert 0 < left.count() == wanted < len(own)
    page.close()

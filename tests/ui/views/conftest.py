"""The views in a browser; one server for each file of tests, its library anew for each test."""

from collections.abc import Callable, Iterator

import pytest

from tests.ui.browsing import Browser
from tests.ui.views.answers import Data
from tests.ui.views.browsing import Views
from tests.ui.views.library import small
from tests.ui.views.serving import views_page


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Data]]:
    """The address of the views, and what the service behind them holds."""
    data = Data()
    with views_page(data) as url:
        yield url, data


@pytest.fixture
def open_views(browser: Browser, served: tuple[str, Data]) -> Iterator[Callable[..., Views]]:
    """Open the views over a library: ``open_views(small(), width=390, language="ru")``."""
    url, held = served
    opened: list[Views] = []

    def open_(data: Data | None = None, *, width: int = 1400, language: str = "en") -> Views:
        held.__dict__.update((data or small()).__dict__)
        page = browser.new_page(viewport={"width": width, "height": 844})
        opened.append(Views(page, url + ("/ru/" if language == "ru" else "/"), held))
        return opened[-1]

    yield open_
    for views in opened:
        views.page.close()
        # Whatever a test was about: nothing may have run, and no request have left.
        assert views.wrong == []

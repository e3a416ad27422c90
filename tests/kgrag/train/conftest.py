from pathlib import Path

import pytest

DATA = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    if not (DATA / "ie").is_dir():
        pytest.skip("the annotated corpora (../shared/data) are not here")
    return DATA

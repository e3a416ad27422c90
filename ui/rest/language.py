"""In which language types and relations are labelled."""

from typing import Annotated, Literal

from fastapi import Query

Lang = Annotated[Literal["en", "ru"], Query(description="Language of labels")]

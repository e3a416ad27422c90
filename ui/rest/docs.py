"""Routes: the description of this service as a page, from this server alone.

What FastAPI shows by itself is fetched from elsewhere. The same page, Swagger UI, comes with the
package fastapi-offline, of which nothing but these files is used.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from ui.rest.errors import not_found

routes = APIRouter(include_in_schema=False)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kgrag: the service</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
"""

_FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}

_KEPT = {"Cache-Control": "private, max-age=86400"}


@routes.get("/docs")
async def page() -> Response:
    """Return the page."""
    return Response(_PAGE, media_type="text/html")


@routes.get("/docs/{name}")
async def part(name: str) -> Response:
    """Return one of the files that it loads."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _FILES:
        raise not_found("There is nothing at this address.")
    return FileResponse(_swagger() / name, media_type=_FILES[name], headers=_KEPT)


@lru_cache
def _swagger() -> Path:
    found = find_spec("fastapi_offline")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "static"

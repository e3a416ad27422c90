"""What Prometheus reads: counts and times, in a registry of their own. No label names a user."""

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from kgrag.events import Answer
from kgrag.ingest import AddReport

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 240.0)
_OTHER = "other"
"""The route of what is no route of the service: the page, and what does not exist."""


class Metrics:
    """Counts from the start of the process on."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "kgrag_requests", "Requests", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "kgrag_request_seconds",
            "Time until the last byte of an answer",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "kgrag_answers", "Answers", ("mode", "abstained"), registry=self.registry
        )
        self._first_token = Histogram(
            "kgrag_first_token_seconds",
            "Time from a question to the first sentence of its answer",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._files = Counter(
            "kgrag_ingested_files", "Files that were added", ("outcome",), registry=self.registry
        )
        self.documents = Gauge(
            "kgrag_documents", "Documents in the libraries that are open", registry=self.registry
        )
        self.streams = Gauge(
            "kgrag_open_streams", "Answers that are being written", registry=self.registry
        )

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, answer: Answer) -> None:
        """Count an answer."""
        self._answers.labels(answer.mode, str(answer.abstained).lower()).inc()

    def began(self, seconds: float) -> None:
        """Count the time to the first sentence of an answer."""
        self._first_token.observe(seconds)

    def ingested(self, report: AddReport) -> None:
        """Count what became of added files."""
        for file in report.files:
            self._files.labels(file.outcome).inc()

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self.registry)


class Counting:
    """Counts every request by the template of its route: ``/api/libraries/{library}/ask``."""

    def __init__(self, app: "ASGIApp", metrics: Metrics) -> None:
        self.app, self._metrics = app, metrics

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, and count it once it is over."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", None) or _OTHER
            method = scope["method"] if scope["method"] in _METHODS else _OTHER
            self._metrics.requested(route, method, status, time.perf_counter() - began)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are any word that a client may invent."""

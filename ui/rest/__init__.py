"""The service: everything of kgrag over HTTP, for programs, on the port of the page."""

from ui.rest.app import close, rest

__all__ = ["close", "rest"]

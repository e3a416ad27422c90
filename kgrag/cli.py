"""The command line: what can be said, and how a failure ends.

Errors end here: one sentence on standard error, and an exit status.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from indexes.errors import KgragError
from kgrag import __version__, account_commands, commands

EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if parsed.verbose else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        status: int = parsed.command(parsed)
    except KgragError as error:
        print(f"kgrag: {error}", file=sys.stderr)
        return commands.EXIT_ERROR
    except KeyboardInterrupt:
        print("kgrag: stopped; what was acknowledged is kept", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return commands.EXIT_ERROR
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kgrag", description="Ask your own documents.")
    parser.add_argument("--version", action="version", version=f"kgrag {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--library", metavar="DIR", help="the library's folder")
    common.add_argument("--settings", metavar="FILE", help="a TOML file of settings")
    common.add_argument("--verbose", action="store_true", help="log what is done")
    model = argparse.ArgumentParser(add_help=False)
    served = model.add_argument_group("language model: without one, kgrag quotes")
    served.add_argument("--endpoint", metavar="URL", help="as in http://127.0.0.1:8000/v1")
    served.add_argument("--model", metavar="NAME", help="the name under which it is served")
    printing = argparse.ArgumentParser(add_help=False, parents=[common])
    printing.add_argument("--json", action="store_true", help="print one JSON document")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str,
        run: Callable[[argparse.Namespace], int],
        summary: str,
        *,
        json_too: bool = True,
        model_too: bool = False,
    ) -> argparse.ArgumentParser:
        parents = [printing if json_too else common, *([model] if model_too else [])]
        made = subparsers.add_parser(name, help=summary, description=summary, parents=parents)
        made.set_defaults(command=run)
        return made

    add = command("add", commands.add, "put files and folders into the library", model_too=True)
    add.add_argument("paths", nargs="+", metavar="PATH")
    asking = command("ask", commands.ask, "answer a question", model_too=True)
    asking.add_argument("question")
    command(
        "chat", commands.chat, "answer questions in a conversation", json_too=False, model_too=True
    )
    search = command("search", commands.search, "show what a question retrieves")
    search.add_argument("question")
    search.add_argument("--limit", type=_positive, default=8, help="how many passages (8)")
    for limited in (asking, search):
        _add_filter(limited)
    facts = command("facts", commands.facts, "show facts with their evidence")
    facts.add_argument("--about", metavar="NAME", help="only those about this")
    command("list", commands.list_documents, "list the documents")
    show = command("show", commands.show, "show a document")
    show.add_argument("document", metavar="DOC", help="its id, the beginning of it, or its name")
    remove = command("remove", commands.remove, "remove a document and every trace of it")
    remove.add_argument("document", metavar="DOC", help="its id, the beginning of it, or its name")
    extract = command(
        "extract", commands.extract, "extract from a text; nothing is stored", model_too=True
    )
    extract.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="- for standard input"
    )
    extract.add_argument("--jsonl", action="store_true", help='a {"id", "text"} on each line')
    export = command("export", commands.export, "print the graph", json_too=False)
    export.add_argument("format", choices=("csv", "graphml", "jsonld", "turtle"))
    check = command("check", commands.check, "verify the library")
    check.add_argument("--repair", action="store_true", help="mend what can be mended")
    command(
        "rebuild", commands.rebuild, "build the library anew from its originals", model_too=True
    )
    _add_ui(command("ui", commands.ui, "open the web page", json_too=False, model_too=True))
    _add_vllm(command("vllm", commands.vllm, "serve a language model by vLLM", json_too=False))
    _add_users(subparsers.add_parser("user", help="who may log in to kgrag ui --accounts"))
    return parser


def _add_ui(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="an address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=7860, help="(7860)")
    group = parser.add_argument_group("for others too: each user has a password and own libraries")
    group.add_argument(
        "--accounts", metavar="DIR", help="see kgrag user; any --host is then allowed"
    )
    group.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOSTNAME",
        help="by which it is reached; may be said several times",
    )
    group.add_argument("--certificate", metavar="FILE", help="PEM; serve by TLS")
    group.add_argument("--key", metavar="FILE", help="PEM; the certificate's key")
    group.add_argument(
        "--behind-proxy",
        action="store_true",
        help="believe what a proxy on this machine says of scheme and client",
    )


def _add_users(parser: argparse.ArgumentParser) -> None:
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", metavar="DIR", required=True, help="the folder of the accounts")
    common.add_argument("--verbose", action="store_true", help="log what is done")
    typed = argparse.ArgumentParser(add_help=False)
    typed.add_argument(
        "--password-stdin", action="store_true", help="read it from standard input, do not ask"
    )

    def command(
        name: str,
        run: Callable[[argparse.Namespace], int],
        summary: str,
        *,
        typed_too: bool = False,
    ) -> argparse.ArgumentParser:
        parents = [common, *([typed] if typed_too else [])]
        made = subparsers.add_parser(name, help=summary, description=summary, parents=parents)
        made.set_defaults(command=run)
        if run is not account_commands.list_users:
            made.add_argument("name", metavar="NAME")
        return made

    add = command("add", account_commands.add, "add a user", typed_too=True)
    add.add_argument("--admin", action="store_true", help="may change the server's settings")
    listing = command("list", account_commands.list_users, "list the users")
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    remove = command("remove", account_commands.remove, "remove a user; the documents stay")
    remove.add_argument("--documents", action="store_true", help="remove the documents too")
    command("password", account_commands.password, "set another password", typed_too=True)
    token = command("token", account_commands.token, "make a token for a user's programs")
    kind = token.add_mutually_exclusive_group()
    kind.add_argument("--list", action="store_true", help="list the beginnings of all")
    kind.add_argument("--revoke", metavar="BEGINNING", help="revoke the one that begins so")


def _add_vllm(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="MODEL", help="its folder, or its name on the hub")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="(8000)")
    parser.add_argument(
        "--context-tokens", type=_positive, metavar="N", help="question, evidence and answer"
    )
    parser.add_argument("--gpu-memory", type=float, metavar="SHARE", help="above 0, at most 1")
    parser.add_argument(
        "--extra", nargs=argparse.REMAINDER, default=[], help="all that follows is vLLM's own"
    )


def _add_filter(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("limits: nothing else is consulted")
    group.add_argument("--document", action="append", default=[], metavar="DOC", help="id or name")
    group.add_argument("--folder", default="", metavar="DIR", help="documents below this folder")
    group.add_argument("--language", default="", choices=("en", "ru"))
    group.add_argument("--type", default="", metavar="TYPE", help="media type, as in pdf")
    group.add_argument("--since", default="", metavar="DAY", help="changed on 2024-01-31 or later")
    group.add_argument("--until", default="", metavar="DAY", help="changed by then")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


if __name__ == "__main__":
    sys.exit(main())

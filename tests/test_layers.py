"""The arrows between packages and stages, and what may be loaded when."""

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.fakes import ROOT

PACKAGES = ("indexes", "kgrag", "ui", "eval")
ALLOWED = {
    "indexes": {"indexes"},
    "kgrag": {"indexes", "kgrag"},
    "ui": {"indexes", "kgrag", "ui"},
    "eval": {"indexes", "kgrag", "eval"},
}
UPWARD = {("kgrag.commands", f"ui{name}") for name in ("", ".service", ".serve_options")}
"""The command line is the one door: ``kgrag ui`` starts the page, inside its function."""

STAGES = tuple(
    f"kgrag.{name}"
    for name in "parse extract link resolve passages embed retrieve quote generate verify".split()
)
MEETING_PLACES = {"kgrag.ingest", "kgrag.answer", "kgrag.knowledge_base", "kgrag.extraction"}
PROTOCOLS = {"kgrag.embed.Embedder", "kgrag.extract.Extractor"}

HEAVY = {
    "chromadb", "gradio", "httpx", "llama_index", "lxml", "natasha", "navec", "networkx", "onnx",
    "onnxruntime", "openai", "openpyxl", "peft", "pymorphy3", "pypdfium2", "sentence_transformers",
    "tokenizers", "torch", "transformers", "vllm", "wordllama",
}  # fmt: skip
HEAVY_HOMES = (
    "kgrag.train", "kgrag.parse", "ui", "kgrag.static_vectors", "kgrag.llama", "kgrag.bounded_http",
    "kgrag.gathered",
)  # fmt: skip
"""Modules that nobody loads but who needs just that: the training tools, the readers of formats in
their child process, the page, what LlamaIndex users import themselves."""

Import = tuple[str, str, bool]
"""(module, what it imports, whether at module level and at run time)."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree: ast.AST, module: str) -> list[Import]:
    found: list[Import] = []

    def visit(node: ast.AST, at_load: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend((module, alias.name, at_load) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found.extend((module, f"{node.module}.{alias.name}", at_load) for alias in node.names)
        is_late = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        is_type = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.iter_child_nodes(node):
            visit(child, at_load and not is_late and not is_type)

    visit(tree, True)
    return found


MODULES = {module_of(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
IMPORTS = [
    item
    for module, path in MODULES.items()
    for item in imports_of(ast.parse(path.read_text("utf-8")), module)
]


def home(target: str) -> str:
    """Return the module of ours that an import reaches: ``a.b`` of ``a.b.name``."""
    while target not in MODULES and "." in target:
        target = target.rpartition(".")[0]
    return target


def stage_of(module: str) -> str | None:
    return next((s for s in STAGES if module == s or module.startswith(f"{s}.")), None)


def test_packages_import_only_what_lies_below_them() -> None:
    wrong = {
        (module, target)
        for module, target, _ in IMPORTS
        if (package := target.partition(".")[0]) in (*PACKAGES, "tests")
        and package not in ALLOWED[module.partition(".")[0]]
        and (module, home(target)) not in UPWARD
    }
    assert wrong == set()


def test_the_way_up_is_taken_only_inside_a_function() -> None:
    up = [item for item in IMPORTS if (item[0], home(item[1])) in UPWARD]
    assert up
    assert not [item for item in up if item[2]]


def test_no_import_goes_in_a_circle() -> None:
    edges: dict[str, set[str]] = defaultdict(set)
    for module, target, at_load in IMPORTS:
        if at_load and home(target) in MODULES and home(target) != module:
            edges[module].add(home(target))
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module not in done:
            for target in sorted(edges[module]):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(MODULES):
        visit(module, ())
    assert len(done) >= len(MODULES)


def test_stages_meet_only_where_the_product_is_put_together() -> None:
    wrong = {
        (module, target)
        for module, target, _ in IMPORTS
        if (stage := stage_of(module)) is not None
        and target not in PROTOCOLS
        and (
            home(target) in MEETING_PLACES
            or (stage_of(home(target)) is not None and stage_of(home(target)) != stage)
        )
    }
    assert wrong == set()


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    wrong = {
        (module, target)
        for module, target, at_load in IMPORTS
        if at_load
        and target.partition(".")[0] in HEAVY
        and not any(module == place or module.startswith(f"{place}.") for place in HEAVY_HOMES)
    }
    assert wrong == set()


def test_every_module_is_found_and_belongs_to_the_distribution() -> None:
    import tomllib

    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"][
        "packages"
    ]
    assert len(MODULES) > 60
    homes = {m if p.name == "__init__.py" else m.rpartition(".")[0] for m, p in MODULES.items()}
    assert homes <= set(packages)


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["-m", "kgrag.cli", "--help"], {"numpy", *HEAVY}),
        (["-c", "import kgrag"], {"numpy", *HEAVY}),
        (["-c", "from kgrag import KnowledgeBase"], HEAVY - {"tokenizers"}),
    ],
)
def test_what_a_command_does_not_need_is_not_loaded(
    arguments: list[str], unwanted: set[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "kgrag" in loaded or "argparse" in loaded
    assert loaded & unwanted == set()

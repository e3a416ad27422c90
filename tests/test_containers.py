"""What can be checked of the image and of compose.yaml where nothing can build or run them."""

import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kgrag.cli import _parser
from kgrag.vllm_server import _fixed_arguments
from tests.fakes import ROOT
from ui.serve_options import ServeOptions

yaml: Any = import_module("yaml")  # It comes with what kgrag needs, its types do not.

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]

Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    """Return the instructions of the Dockerfile, continued lines joined, comments left out."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    told = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", told)
    found = [line.partition(" ") for line in joined.splitlines() if line.strip()]
    return [(name, rest.strip()) for name, _, rest in found]


def stages() -> list[list[Instruction]]:
    """Return the instructions, stage by stage."""
    found: list[list[Instruction]] = []
    for item in instructions():
        if item[0] == "FROM":
            found.append([])
        found[-1].append(item)
    return found


def last(name: str) -> str:
    """Return what the last instruction of that name in the image that runs says."""
    return [rest for kind, rest in stages()[-1] if kind == name][-1]


def copied() -> list[str]:
    """Return what is copied out of the repository, as it is named there."""
    return [
        source.removeprefix("./")
        for name, rest in instructions()
        if name == "COPY" and "--from=" not in rest
        for source in rest.split()[:-1]
    ]


def is_ignored(path: str) -> bool:
    """Return whether .dockerignore keeps a file out: of the lines that match, the last counts."""
    parts = path.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    ignored = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if not line or line.startswith("#"):
            continue
        anywhere = pattern.removeprefix("**/")
        names = above if anywhere == pattern else parts
        # In Docker's patterns a star ends at a slash.
        matching = [name for name in names if fnmatchcase(name, anywhere)]
        if any("/" not in name or anywhere != "*" for name in matching):
            ignored = not line.startswith("!")
    return ignored


def packaged() -> list[str]:
    """Return every file of the distribution: modules, and the data that pyproject.toml names."""
    files: set[Path] = set()
    for package in SETUPTOOLS["packages"]:
        folder = ROOT / package.replace(".", "/")
        files |= set(folder.glob("*.py"))
        for pattern in SETUPTOOLS["package-data"].get(package, ()):
            files |= {file for file in folder.glob(pattern) if file.is_file()}
    return sorted(
        file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts
    )


def goes_in(file: str) -> bool:
    return not is_ignored(file) and any(
        file == source or file.startswith(f"{source}/") for source in copied()
    )


def test_all_that_is_copied_is_there_and_comes_through() -> None:
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert not is_ignored(source), source
        assert not re.search(r"[*?]|^/|\.\.|://", source), source


def test_every_file_of_the_distribution_goes_into_the_image() -> None:
    assert len(packaged()) > 200
    assert [file for file in packaged() if not goes_in(file)] == []
    for part in (PROJECT["project"]["readme"], "LICENSE", "constraints.txt", "pyproject.toml"):
        assert goes_in(part)


@pytest.mark.parametrize(
    "file",
    [
        ".env", "kgrag.env", "fetch.env", ".git/config", ".venv/bin/python", "ui/.env",
        "library/library.sqlite", "kgrag/__pycache__/cli.cpython-311.pyc", "tests/conftest.py",
        "kgrag.toml", "results/load.json",
    ],
)  # fmt: skip
def test_nothing_else_comes_near_the_image(file: str) -> None:
    assert is_ignored(file)


def test_base_images_are_pinned_to_the_python_that_the_constraints_were_made_with() -> None:
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    header = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()[0]
    version = re.search(r"Python (\d+\.\d+)", header)
    assert version is not None
    assert len(bases) == 2
    assert {base.rsplit("-", 1)[0] for base in bases} == {f"python:{version[1]}-slim"}


def test_dependencies_are_those_of_the_constraints_and_none_needs_a_gpu() -> None:
    steps = [step.split() for step in dict(stages()[0])["RUN"].split("&&")]
    installs = [step for step in steps if "pip" in step]
    assert len(installs) == 2
    for step in installs:
        assert step[step.index("--constraint") + 1] == "constraints.txt"
    dependencies = " ".join(PROJECT["project"]["dependencies"])
    assert not re.search(r"\b(torch|vllm|transformers)\b", dependencies)


def test_the_image_that_runs_has_no_tools_no_root_and_a_health_check() -> None:
    runs = stages()[-1]
    assert last("USER") == "10001:10001"
    assert not [rest for name, rest in runs if re.search(r"apt|gcc|build-essential|pip ", rest)]
    assert last("HEALTHCHECK").partition("CMD ")[2].startswith("[")
    assert json.loads(last("ENTRYPOINT")) == ["kgrag"]
    assert last("VOLUME") == "/data"
    assert last("EXPOSE") == "7860"
    # What runs after this line runs as that user; nothing runs before it but making the user.
    assert [name for name, _ in runs].index("USER") > max(
        number for number, (name, _) in enumerate(runs) if name in ("RUN", "COPY")
    )


def test_nothing_is_downloaded_and_no_secret_is_written_into_the_image() -> None:
    for name, rest in instructions():
        assert name != "ADD", rest
        assert "://" not in rest, rest
        if name in ("ARG", "ENV"):
            assert not re.search(r"KEY|TOKEN|PASSWORD|SECRET", rest), rest


# -- what is run -----------------------------------------------------------------------------------


def interpolated(told: Any, environment: Mapping[str, str]) -> Any:  # noqa: ANN401  any YAML
    """Return what compose makes of ``${NAME:-default}``, which may stand in one another."""
    if isinstance(told, dict):
        return {key: interpolated(value, environment) for key, value in told.items()}
    if isinstance(told, list):
        return [interpolated(item, environment) for item in told]
    while isinstance(told, str) and (found := _INNERMOST.search(told)) is not None:
        value = environment.get(found[1]) or found[2]
        told = told[: found.start()] + value + told[found.end() :]
    return told


_INNERMOST = re.compile(r"\$\{(\w+):-([^${}]*)\}")


def compose(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    told = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    read: dict[str, Any] = interpolated(told, environment or {})
    return read


SERVICES = compose()["services"]


@pytest.mark.parametrize(
    "arguments", [json.loads(last("CMD")), SERVICES["kgrag"]["command"]], ids=["image", "compose"]
)
def test_what_is_started_is_a_command_of_kgrag_that_it_would_accept(arguments: list[str]) -> None:
    parsed = _parser().parse_args(arguments)
    options = ServeOptions(
        host=parsed.host,
        port=parsed.port,
        accounts=Path(parsed.accounts),
        names=tuple(parsed.name),
    )
    assert (options.host, options.port, str(options.accounts)) == ("0.0.0.0", 7860, "/data")
    assert "localhost:7860" in options.hosts


def test_the_port_and_the_name_that_are_set_are_those_that_are_served() -> None:
    service = compose({"KGRAG_PORT": "8080"})["services"]["kgrag"]
    assert service["ports"] == ["127.0.0.1:8080:7860"]
    assert "--name=localhost:8080" in service["command"]
    named = compose({"KGRAG_NAME": "kgrag.example.org"})["services"]["kgrag"]
    assert "--name=kgrag.example.org" in named["command"]


def test_what_the_comments_tell_to_type_are_commands_of_kgrag() -> None:
    told = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    typed = re.findall(r"docker compose run --rm (?:-T )?kgrag ([^(<\n]+)", told)
    assert len(typed) == 2
    for line in typed:
        parsed = _parser().parse_args(line.split())
        assert (parsed.name, parsed.admin, parsed.home) == ("NAME", True, "/data")


class _Health(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:  # noqa: N802  http.server's name
        self.send_response(self.status if self.path in ("/healthz", "/health") else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def health(status: int) -> Iterator[int]:
    handler = type("Handler", (_Health,), {"status": status})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


CHECKS = {
    "image": json.loads(last("HEALTHCHECK").partition("CMD ")[2]),
    "kgrag": SERVICES["kgrag"]["healthcheck"]["test"][1:],
    "vllm": SERVICES["vllm"]["healthcheck"]["test"][1:],
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_a_health_check_tells_a_server_that_is_well_from_one_that_is_not(check: list[str]) -> None:
    program, option, code = check
    assert program.startswith("python") and option == "-c"

    def fails(port: int) -> int:
        moved = re.sub(r"7860|8000", str(port), code)
        # A proxy of the environment must not be asked.
        environment = {"http_proxy": "http://127.0.0.1:9", "PATH": ""}
        return subprocess.run(
            [sys.executable, "-c", moved], env=environment, stderr=subprocess.DEVNULL
        ).returncode

    with health(200) as port:
        assert fails(port) == 0
    assert fails(port) != 0
    with health(503) as port:
        assert fails(port) != 0


# -- compose ---------------------------------------------------------------------------------------


def test_only_kgrag_is_reached_from_outside_and_only_from_this_machine() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"kgrag"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["kgrag"]["ports"])


def test_no_service_has_more_rights_than_it_needs() -> None:
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        taken = {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode", "userns_mode"}
        assert not taken & service.keys(), name
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in compose()["volumes"], f"{name} mounts {volume}"
    assert SERVICES["kgrag"]["read_only"] is True
    assert SERVICES["kgrag"]["tmpfs"][0].startswith("/tmp:")
    assert SERVICES["kgrag"]["volumes"] == [f"data:{last('VOLUME')}"]


def test_kgrag_runs_alone_and_a_gpu_is_asked_for_only_with_its_profile() -> None:
    profiles = {name: service.get("profiles", []) for name, service in SERVICES.items()}
    assert profiles == {"kgrag": [], "vllm": ["gpu"], "fetch": ["fetch"]}
    (gpu,) = SERVICES["vllm"]["deploy"]["resources"]["reservations"]["devices"]
    assert gpu == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    assert SERVICES["kgrag"]["environment"] == {"KGRAG_ENDPOINT": ""}
    asked = compose({"KGRAG_ENDPOINT": "http://vllm:8000/v1"})["services"]["kgrag"]["environment"]
    assert asked == {"KGRAG_ENDPOINT": "http://vllm:8000/v1"}


def test_the_model_serves_kgrag_alone_and_has_no_way_out() -> None:
    networks = compose()["networks"]
    assert SERVICES["vllm"]["networks"] == ["model"]
    assert networks["model"] == {"internal": True}
    assert "model" in SERVICES["kgrag"]["networks"]
    assert "model" not in SERVICES["fetch"]["networks"]
    used = {network for service in SERVICES.values() for network in service["networks"]}
    assert used == networks.keys()


def _compact(value: str) -> str:
    """Return a value as it is, JSON without white space."""
    return json.dumps(json.loads(value), separators=(",", ":")) if value[0] in "{[" else value


def test_the_model_is_served_as_kgrag_vllm_would_serve_it() -> None:
    command = SERVICES["vllm"]["command"]
    assert "--model=Qwen/Qwen3-8B" in command
    told = list(_fixed_arguments("0.0.0.0", 8000))
    for option, value in pairwise([*told, "--"]):
        if option.startswith("--"):
            assert (option if value.startswith("--") else f"{option}={_compact(value)}") in command
    for service in ("vllm", "fetch"):
        assert re.fullmatch(r"vllm/vllm-openai:v[\d.]+", SERVICES[service]["image"])


def test_secrets_come_from_files_that_the_repository_does_not_keep() -> None:
    files = [item for service in SERVICES.values() for item in service.get("env_file", ())]
    assert {item["path"] for item in files} == {"kgrag.env", "fetch.env"}
    kept = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for item in files:
        assert item["required"] is False
        assert not (ROOT / item["path"]).exists()
    assert "*.env" in kept and ".env" in kept
    for service in SERVICES.values():
        for name in service.get("environment", ()):
            assert not re.search(r"KEY|TOKEN|PASSWORD|SECRET", name), name


# -- the wheel -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from nothing but what the Dockerfile copies."""
    pytest.importorskip("setuptools", minversion="77")
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in copied():
        for file in [ROOT / name, *(ROOT / name).rglob("*")]:
            path = file.relative_to(ROOT).as_posix()
            if file.is_file() and goes_in(path):
                (source / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, source / path)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*command, "--disable-pip-version-check", "--no-index", "--wheel-dir", str(built), "."],
        cwd=source,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (found,) = built.glob("*.whl")
    return found


def test_the_wheel_is_built_from_what_is_copied_and_holds_every_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        names = set(held.namelist())
    assert [file for file in packaged() if file not in names] == []
    foreign = {name.partition("/")[0] for name in names} - {"indexes", "kgrag", "ui", "eval"}
    assert {name.partition("-")[0] for name in foreign} == {"kgrag"}


def test_the_installed_wheel_starts(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        held.extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import kgrag.cli, ui.words\n"
        "from kgrag.ontology import load_ontology\n"
        "assert load_ontology().relation_types and ui.words.words('ru')\n"
        "print(kgrag.cli.__file__)\n"
        "kgrag.cli.main(['ui', '--help'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))
    assert "--accounts" in done.stdout

"""The project holds together: documents say what is there, floors and limits are kept, serving stays light."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import typer

from service.api.app import create_app
from service.api.settings import Settings
from service.cli import app
from service.limits import Limits

READMES = ("README.md", "README.zh-CN.md")
PRODUCT = ("service", "models")
CODE = (*PRODUCT, "training")
MAX_LINES = 500
MAX_REPOSITORY_BYTES = 60_000_000
HEAVY = ("torch", "transformers", "ray", "training")


def pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def sources(root: Path, packages: tuple[str, ...] = CODE) -> Iterator[Path]:
    for package in packages:
        yield from sorted((root / package).rglob("*.py"))


def run(root: Path, *command: str) -> str:
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


# Documents say what is there


def cli_commands() -> dict[str, list[str]]:
    """Every command line (`extract`, `train fit`) with its long options, as typer itself knows them."""
    found: dict[str, list[str]] = {}

    def walk(command: Any, words: tuple[str, ...]) -> None:
        for name, child in getattr(command, "commands", {}).items():
            walk(child, (*words, name))
        if words and not getattr(command, "commands", {}):
            names = [name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)]
            found[" ".join(words)] = [name for name in names if name.startswith("--")]

    walk(typer.main.get_command(app), ())
    return found


@pytest.mark.parametrize("readme", READMES)
def test_every_command_and_option_is_documented(root: Path, readme: str) -> None:
    text = (root / readme).read_text(encoding="utf-8")
    commands = cli_commands()
    assert {"extract", "forms", "serve"} <= set(commands)
    missing = []
    for command, options in commands.items():
        _, heading, rest = text.partition(f"### `gouji {command}")
        chapter = re.split(r"\n##", rest, maxsplit=1)[0]
        missing += [f"gouji {command} {option}" for option in options if f"`{option}" not in chapter]
        missing += [] if heading else [f"gouji {command}"]
    assert not missing


@pytest.mark.parametrize("readme", READMES)
def test_documented_commands_and_options_exist(root: Path, readme: str) -> None:
    text = (root / readme).read_text(encoding="utf-8")
    commands = cli_commands()
    assert set(re.findall(r"### `gouji ((?:train )?\w+)", text)) == set(commands)
    used = set(re.findall(r"\.venv/bin/gouji ((?:train )?\w+)", text))
    assert used <= set(commands)
    known = {option for options in commands.values() for option in options}
    lines = [line for line in text.splitlines() if line.startswith("| `--") or re.search(r"bin/gouji |`--json`", line)]
    documented = {option for line in lines for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}
    assert documented
    assert documented <= known


@pytest.mark.parametrize("readme", READMES)
def test_documented_make_targets_exist(root: Path, readme: str) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    used = set(re.findall(r"(?:^|`)make ([a-z-]+)", (root / readme).read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test", "check", "bench"} <= used
    assert used <= targets


@pytest.mark.parametrize("readme", READMES)
def test_documented_settings_are_the_settings(root: Path, readme: str) -> None:
    text = (root / readme).read_text(encoding="utf-8")
    documented = {
        name.removeprefix("GOUJI_").lower(): default
        for name, default in re.findall(r"^\| `(GOUJI_\w+)` \| `?([^ `(（]+)", text, re.MULTILINE)
    }
    actual = {name: str(field.default) for name, field in Settings.model_fields.items() if name != "limits"}
    actual |= {f"limit_{name}": str(field.default) for name, field in Limits.model_fields.items()}
    assert documented == actual


@pytest.mark.parametrize("readme", READMES)
def test_documented_routes_are_the_routes(root: Path, readme: str) -> None:
    text = (root / readme).read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", text, re.MULTILINE))
    paths = create_app(Settings()).openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert documented == routes | {"GET /openapi.json"}


def test_both_readmes_have_the_same_chapters_and_commands(root: Path) -> None:
    outlines = []
    for readme in READMES:
        text = (root / readme).read_text(encoding="utf-8")
        levels = [len(hashes) for hashes in re.findall(r"^(#+) ", re.sub(r"(?s)```.*?```", "", text), re.MULTILINE)]
        commands = sorted(
            line.split("#")[0].strip() for line in text.splitlines() if line.startswith((".venv", "make"))
        )
        outlines.append((levels, commands))
    assert outlines[0] == outlines[1]


def test_links_in_the_documents_lead_somewhere(root: Path) -> None:
    for name in (*READMES, "CHANGELOG.md"):
        links = re.findall(r"\]\(([^)#]+)\)", (root / name).read_text(encoding="utf-8"))
        assert [link for link in links if "://" not in link and not (root / link).exists()] == []


# Limits on the code and the repository


def test_no_file_is_longer_than_500_lines(root: Path) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(root)}
    assert len(lengths) > 20
    assert [str(path.relative_to(root)) for path, lines in lengths.items() if lines > MAX_LINES] == []


def test_every_room_is_on_a_floor(root: Path) -> None:
    contracts = pyproject(root)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    on_floors = {name for layer in layers for name in re.findall(r"service\.\w+", layer)}
    rooms = {f"service.{path.stem}" for path in (root / "service").glob("*.py") if path.stem != "__init__"}
    rooms |= {f"service.{path.parent.name}" for path in (root / "service").glob("*/__init__.py")}
    assert rooms <= on_floors


def test_the_repository_stays_small(root: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("not a git checkout")
    names = run(root, "git", "-c", f"safe.directory={root}", "ls-files", "-z").split("\0")
    sizes = [(root / name).stat().st_size for name in names if name and (root / name).is_file()]
    assert 0 < sum(sizes) < MAX_REPOSITORY_BYTES


# Serving stays light, and says what it needs


def imported(path: Path) -> set[str]:
    """The top-level names of all absolute imports in a file, wherever in it they stand."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def canonical(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def undeclared(root: Path, packages: tuple[str, ...], declared: set[str]) -> set[str]:
    own = {"models", "service", "training", "data"}
    distributions = packages_distributions()
    modules = set().union(*(imported(path) for path in sources(root, packages))) - own - set(sys.stdlib_module_names)
    return {name for name in modules if not declared & {canonical(d) for d in distributions.get(name, [name])}}


def test_the_product_imports_only_what_it_declares(root: Path) -> None:
    declared = {canonical(requirement) for requirement in pyproject(root)["project"]["dependencies"]}
    assert undeclared(root, PRODUCT, declared) == set()


def test_training_imports_only_what_it_declares(root: Path) -> None:
    project = pyproject(root)["project"]
    declared = {canonical(requirement) for requirement in project["dependencies"]}
    declared |= {canonical(requirement) for requirement in project["optional-dependencies"]["train"]}
    assert undeclared(root, ("training",), declared) == set()


def test_every_dependency_is_locked(root: Path) -> None:
    project = pyproject(root)["project"]
    wanted = {*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)}
    lines = (root / "requirements" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9.-]+==[\w.]+", pin) for pin in pins)
    locked = {canonical(pin): pin.partition("==")[2] for pin in pins}
    assert {canonical(requirement) for requirement in wanted} <= set(locked)
    for requirement in wanted:
        name, _, exact = requirement.partition("==")
        assert not exact or locked[canonical(name)] == exact


@pytest.mark.parametrize("copyleft", ["pymupdf", "ultralytics", "doclayout-yolo", "easyofd"])
def test_no_copyleft_library_is_locked(root: Path, copyleft: str) -> None:
    names = re.findall(r"^([^=#]+)==", (root / "requirements" / "constraints.txt").read_text(encoding="utf-8"), re.M)
    assert copyleft not in names


def test_the_pipeline_loads_no_training_library(root: Path) -> None:
    code = f"import sys, service.extract; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert run(root, sys.executable, "-c", code).strip() == "[]"

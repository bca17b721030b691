"""The layers hold: who may import whom, how long a module is, what an import does."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "flhetero_dash"
LONGEST = 300
# Each layer and what it may import besides itself.
LEAVES = {"arrays", "selection", "settings", "blocks"}
ALLOWED = {
    **{leaf: {"arrays", "blocks"} for leaf in LEAVES},
    "data": LEAVES,
    "analysis": LEAVES,
    "cache": LEAVES,
    "jobs": LEAVES | {"data", "analysis", "cache"},
    "queries": LEAVES | {"data", "analysis", "cache", "jobs"},
    "figures": LEAVES | {"data", "analysis", "cache", "jobs"},
    "views": LEAVES | {"data", "analysis", "cache", "jobs", "queries", "figures"},
    "web": LEAVES | {"data", "analysis", "cache", "jobs", "queries", "figures"},
}
ALLOWED["factory"] = set(ALLOWED)
PREPROCESS_MAY_NOT = {"views", "web", "factory"}
SOURCES = sorted(
    [ROOT / "app.py", *(ROOT / PACKAGE).rglob("*.py"), *(ROOT / "preprocess").rglob("*.py")]
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Give the full names of all modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else ""


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_leftwards_only(path):
    module = name_of(path)
    layers = {layer_of(name) for name in imports_of(path)} - {""}
    if module.startswith("preprocess"):
        assert not layers & PREPROCESS_MAY_NOT
    elif module == "app":
        assert layers <= {"factory", "settings"}
    elif layer_of(module):
        assert layers - {layer_of(module)} <= ALLOWED[layer_of(module)]


def test_every_layer_is_in_the_table():
    there = {layer_of(name_of(path)) for path in SOURCES} - {""}
    assert there <= set(ALLOWED)


def test_there_are_no_cycles():
    modules = {name_of(path): path for path in SOURCES}
    graph = {
        name: {other for other in imports_of(path) if other in modules and other != name}
        for name, path in modules.items()
    }
    # A package re-exports its own modules; importing them does not need its names.
    for name, others in graph.items():
        graph[name] = {other for other in others if not name.startswith(other + ".")}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join([*way, name])
        if name not in done:
            for other in graph[name]:
                visit(other, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_modules_are_short_and_say_what_they_are_for(path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_settings_reads_the_environment(path):
    uses = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert not uses or name_of(path) in {f"{PACKAGE}.settings"}


def test_the_web_process_imports_no_torch():
    program = f"import sys, {PACKAGE}.factory; sys.exit('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)  # noqa: S603
    assert run.returncode == 0


def test_importing_does_nothing(tmp_path):
    """No thread, no process and no file comes of importing everything."""
    names = [name_of(path) for path in SOURCES if name_of(path) not in {"app"}]
    names = [name for name in names if not name.endswith("__main__")]
    program = (
        "import importlib, multiprocessing, os, sys, threading\n"
        f"for name in {names}: importlib.import_module(name)\n"
        "own = [t for t in threading.enumerate() if t is not threading.main_thread()]\n"
        "sys.exit(bool(multiprocessing.active_children() or os.listdir('.')\n"
        "    or [t for t in own if 'flhetero' in repr(t)]))\n"
    )
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-B", "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path / "home")},
        check=False,
    )
    assert run.returncode == 0

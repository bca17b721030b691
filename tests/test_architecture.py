"""The layers hold: who may import whom, how long a module is, what an import does."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "flhetero_dash"
LONGEST = 300
# The table of the conventions, from left to right: a bar of neighbours that do not know each
# other; each may import what stands in the bars before it.
BARS = (
    ("arrays", "selection", "settings", "blocks"),
    ("data", "analysis", "annotations", "cache"),
    ("jobs",),
    ("queries", "figures"),
    ("report",),
    ("views", "web"),
    ("factory",),
)
ALLOWED = {
    layer: {left for before in BARS[:at] for left in before}
    for at, bar in enumerate(BARS)
    for layer in bar
}
# Entry points beside the row.
ALLOWED["recorder"] = {*BARS[0], "data", "analysis"}
ALLOWED["worker"] = ALLOWED["queries"] | {"queries"}
# Imported inside the function that needs them. Modules that are about torch import it on top,
# and are themselves imported inside functions only.
HEAVY = {"torch", "torchvision", "celery", "kombu", "redis", "flwr", "nvflare"}
# Only the notes know databases; the driver is imported by SQLAlchemy where it is needed.
DATABASES = {"sqlalchemy", "alembic", "sqlite3", "psycopg"}
ABOUT_TORCH = {
    f"{PACKAGE}.analysis.convolutions",
    f"{PACKAGE}.analysis.gradcam",
    f"{PACKAGE}.analysis.networks",
    f"{PACKAGE}.analysis.picture_scaling",
    f"{PACKAGE}.data.checkpoints",
    "preprocess.demo_history",
    "preprocess.federated_averaging",
}
BUILDERS = {"app", "worker", "__main__"}  # entry points: importing them is running them
PREPROCESS_MAY_NOT = {"views", "web", "factory"}
SOURCES = sorted(
    [ROOT / "app.py", *(ROOT / PACKAGE).rglob("*.py"), *(ROOT / "preprocess").rglob("*.py")]
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Give the full names of all modules that a file imports, wherever in it."""
    return imports_in(ast.parse(path.read_text()))


def imports_in(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found |= {str(a.value) for a in node.args if isinstance(a, ast.Constant)}
    return found


def imports_on_top(path: Path) -> set[str]:
    """Give the full names of the modules that importing a file imports."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if is_for_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = []  # type: ignore[attr-defined]
    return imports_in(tree)


def layer_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else ""


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_leftwards_only(path):
    assert not strangers(name_of(path), imports_of(path))


def strangers(module: str, imported: set[str]) -> set[str]:
    """Give what a module imports of ours and may not."""
    roots = {name.partition(".")[0] for name in imported}
    layers = {layer_of(name) for name in imported} - {""}
    root = module.partition(".")[0]
    if root == "preprocess":
        return roots & {"app", "tests"} | layers & PREPROCESS_MAY_NOT
    if root == "app":
        return roots & {"preprocess", "tests"} | layers - {"factory", "settings"}
    own = layer_of(module)
    allowed = ALLOWED[own] | {own} if own else set()
    return roots & {"preprocess", "tests", "app"} | layers - allowed


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("flhetero_dash.data.reader", "from flhetero_dash.analysis.ranks import rows"),
        ("flhetero_dash.analysis.ranks", "import flhetero_dash.cache"),
        ("flhetero_dash.settings", "from flhetero_dash import blocks"),
        ("flhetero_dash.annotations.store", "import flhetero_dash.data.reader"),
        ("flhetero_dash.figures.theme", "from flhetero_dash import queries"),
        ("flhetero_dash.queries.matrix", "def f():\n    import flhetero_dash.views.frame"),
        ("flhetero_dash.figures.printed", "import flhetero_dash.report.page"),
        ("flhetero_dash.report.page", "from flhetero_dash.web import report"),
        ("flhetero_dash.web.images", "from flhetero_dash.views import frame"),
        ("flhetero_dash", "from flhetero_dash.settings import Settings"),
        ("flhetero_dash.data.writer", "from preprocess import demo"),
        ("flhetero_dash.recorder.flower", "from flhetero_dash.cache import Results"),
        ("preprocess.warm", "from flhetero_dash.views import PAGES"),
        ("app", "from flhetero_dash.queries import Queries"),
    ],
)
def test_an_import_to_the_right_would_be_seen(module, line):
    assert strangers(module, imports_in(ast.parse(line)))


def test_every_layer_is_in_the_table():
    there = {layer_of(name_of(path)) for path in SOURCES} - {""}
    assert there <= set(ALLOWED)
    assert there >= {
        "selection",
        "data",
        "analysis",
        "annotations",
        "cache",
        "queries",
        "figures",
        "views",
        "recorder",
    }


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_heavy_packages_are_imported_where_they_are_needed(path):
    on_top = imports_on_top(path)
    if name_of(path) not in ABOUT_TORCH:
        assert not {name.partition(".")[0] for name in on_top} & HEAVY
        assert not on_top & ABOUT_TORCH


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_notes_know_databases(path):
    known = {name.partition(".")[0] for name in imports_of(path)} & DATABASES
    assert not known or (layer_of(name_of(path)) == "annotations" and "psycopg" not in known)


def test_there_are_no_cycles():
    modules = {name_of(path): path for path in SOURCES}
    graph = {
        name: {other for other in imports_of(path) if other in modules and other != name}
        for name, path in modules.items()
    }
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
    uses |= imports_of(path) & {"os.environ", "os.getenv"}
    assert not uses or name_of(path) == f"{PACKAGE}.settings"


def ran(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that knows nothing but the packages, in an empty folder."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "-B", "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_web_process_imports_nothing_heavy(tmp_path):
    program = f"import sys, {PACKAGE}.factory; print(*{HEAVY} & set(sys.modules))"
    run = ran(program, tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == ""


def test_the_recorder_imports_numpy_only(tmp_path):
    """It runs in other people's training: beside it, in whatever they have installed."""
    program = (
        f"import sys, numpy.random\nbefore = set(sys.modules)\nimport {PACKAGE}.recorder\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        f"print(*sorted(new - set(sys.stdlib_module_names) - {{'{PACKAGE}', 'numpy'}}))"
    )
    run = ran(program, tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == ""


# Notes what an import does: each event that is none of reading code, by what caused it.
WATCH = """
import gc, importlib, os, sys, threading
done = []
def watch(event, args):
    if event == "open":
        path, mode, flags = args
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        data = str(path).startswith(ROOT) and not str(path).endswith((".py", ".pyc"))
        if writes and path != os.devnull or data and ".venv" not in str(path):
            done.append(f"{event} {path}")
    elif event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove",
                   "os.rename", "socket.connect", "socket.bind", "shutil.rmtree"):
        done.append(f"{event} {args[:1]}")
for name in OTHERS:
    importlib.import_module(name)
threads = threading.active_count()
sys.addaudithook(watch)
for name in NAMES:
    importlib.import_module(name)
done += [repr(thread) for thread in threading.enumerate()[threads:]]
from flask import Flask
done += [f"built {thing!r}" for thing in gc.get_objects() if isinstance(thing, Flask)]
print(*done, sep="\\n")
"""


def third_parties() -> list[str]:
    """Name the packages that our modules import; what those do on import is theirs."""
    names = {name for path in SOURCES for name in imports_of(path)}
    found = set()
    for name in names:
        if name.partition(".")[0] not in {PACKAGE, "preprocess", "app", "__future__"}:
            parts = name.split(".")
            found |= {".".join(parts[:length]) for length in range(1, len(parts))} or {name}
    return sorted(found)


def test_importing_does_nothing(tmp_path):
    """No thread, process, connection or file, and no app, comes of importing everything."""
    modules = [name_of(path) for path in SOURCES if path.stem not in BUILDERS]
    constants = f"ROOT, NAMES, OTHERS = {str(ROOT)!r}, {modules}, {third_parties()}\n"
    run = ran(constants + WATCH, tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == ""


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("open('made', 'w').close()", "open made"),
        ("import os; os.mkdir('made')", "os.mkdir"),
        ("import threading as t; t.Thread(target=t.Event().wait, daemon=True).start()", "Thread"),
        ("import flask; app = flask.Flask('a')", "built"),
        ("import socket; s = socket.socket(socket.AF_UNIX); s.bind('made')", "socket.bind"),
    ],
)
def test_an_import_that_does_something_would_be_seen(tmp_path, line, seen):
    (tmp_path / "doer.py").write_text(line)
    run = ran(f"ROOT, NAMES, OTHERS = 'nowhere', ['doer'], ['flask']\n{WATCH}", tmp_path)
    assert seen in run.stdout, run.stderr

"""Modules hold no state, and no handler swallows a bug; read from the syntax tree of services/.

State of a module is shared by all that a process does and outlives each of it, tests too; it
belongs to an object that is made at the start. An exception that nobody expected ends the process.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
MODULES = sorted(SERVICES.rglob("*.py"))
CONTAINERS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MAKERS = {"list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter"}
MAKERS |= {"Queue", "SimpleQueue", "Lock", "RLock", "Event", "Condition", "Semaphore", "local"}
MAKERS |= {"WeakValueDictionary", "WeakKeyDictionary", "WeakSet", "LRUCache", "TTLCache", "count"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
CHANGES = {"append", "extend", "insert", "pop", "popitem", "popleft", "appendleft", "remove"}
CHANGES |= {"clear", "update", "setdefault", "add", "discard", "move_to_end"}
CATCH_ALL = {"Exception", "BaseException"}
ENDS = {"crash", "_exit"}
CARRIED_ON = {("newsman/ingest/reading/worker.py", "_result")}
"""Functions that hand every exception on to a process which raises it."""


def name_of(node: ast.AST) -> str:
    """`c` of `c` and of `a.b.c`."""
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    return getattr(node, "attr", getattr(node, "id", ""))


def assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for statement in body:
        if isinstance(statement, ast.Assign):
            yield from ((name_of(target), statement.value) for target in statement.targets)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield name_of(statement.target), statement.value
        elif isinstance(statement, ast.If | ast.Try | ast.With):
            yield from assigned(statement.body)


def shared_containers(tree: ast.Module) -> set[str]:
    """Names of what a module or a class holds that could be changed."""
    makers = MAKERS - metrics_of(tree)
    classes = [node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    shared = (pair for body in (tree.body, *classes) for pair in assigned(body))
    return {
        name
        for name, value in shared
        if name != "__all__"
        and (
            isinstance(value, CONTAINERS)
            or (isinstance(value, ast.Call) and name_of(value.func) in makers)
        )
    }


def metrics_of(tree: ast.Module) -> set[str]:
    """What is imported from prometheus_client, whose registry is the process's own."""
    imports = (node for node in tree.body if isinstance(node, ast.ImportFrom))
    return {
        alias.name for node in imports if node.module == "prometheus_client" for alias in node.names
    }


def changed_names(tree: ast.Module) -> Iterator[str]:
    """Names whose object a function changes in place."""
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    for node in {id(node): node for each in functions for node in ast.walk(each)}.values():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in CHANGES:
                yield name_of(node.func.value)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield name_of(node.value)
        elif isinstance(node, ast.AugAssign):
            yield name_of(node.target)


def state_of(tree: ast.Module) -> set[str]:
    """State of a module: containers that are no constants by name, constants that are changed
    nevertheless, and names that a function assigns anew."""
    shared = shared_containers(tree)
    constants = {name for name in shared if name.isupper()}
    assigned_anew = {
        name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names
    }
    return (shared - constants) | (constants & set(changed_names(tree))) | assigned_anew


def swallowed_bugs(tree: ast.Module) -> set[str]:
    """Functions with a handler of every exception that neither raises nor ends the process."""
    return {
        function
        for function, node in with_functions(tree)
        if (isinstance(node, ast.Try) and any(map(catches_all, node.handlers)) and goes_on(node))
        or is_suppression(node)
    }


def with_functions(node: ast.AST, function: str = "<module>") -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        yield function, child
        yield from with_functions(child, child.name if isinstance(child, FUNCTIONS) else function)


def catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(name_of(each) in CATCH_ALL for each in caught)


def goes_on(attempt: ast.Try) -> bool:
    """False where each handler of every exception raises or ends the process, as its last act."""
    handlers = [handler for handler in attempt.handlers if catches_all(handler)]
    is_over = attempt.finalbody and is_end(attempt.finalbody[-1])
    return not (is_over or all(is_end(handler.body[-1]) for handler in handlers))


def is_end(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return name_of(statement.value.func) in ENDS
    return isinstance(statement, ast.Raise)


def is_suppression(node: ast.AST) -> bool:
    """`suppress(Exception)`, and `gather(return_exceptions=True)`."""
    if not isinstance(node, ast.Call):
        return False
    is_all = name_of(node.func) == "suppress" and any(name_of(a) in CATCH_ALL for a in node.args)
    return is_all or any(word.arg == "return_exceptions" for word in node.keywords)


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in MODULES:
        yield path.relative_to(SERVICES).as_posix(), ast.parse(path.read_text())


def test_no_module_holds_state():
    assert {path: names for path, tree in trees() if (names := state_of(tree))} == {}


def test_constants_of_one_module_are_not_changed_by_another():
    constants = {name for _, tree in trees() for name in shared_containers(tree) if name.isupper()}
    changed = {path: constants & set(changed_names(tree)) for path, tree in trees()}
    assert {path: names for path, names in changed.items() if names} == {}


def test_no_handler_swallows_a_bug():
    swallowing = {(path, name) for path, tree in trees() for name in swallowed_bugs(tree)}
    assert swallowing == CARRIED_ON


@pytest.mark.parametrize(
    "text",
    [
        "tasks = set()",
        "tasks: set[int] = set()",
        "cache = {}",
        "lock = threading.Lock()",
        "class Web:\n    tasks = []",
        "CACHE = {}\ndef add(key): CACHE[key] = 1",
        "CACHE = {}\ndef add(key): CACHE.setdefault(key, 1)",
        "NAMES = []\ndef add(name): NAMES.append(name)",
        "NAMES = set()\ndef add(name):\n    NAMES.update([name])",
        "loaded = None\ndef load():\n    global loaded\n    loaded = 1",
    ],
)
def test_state_is_recognised(text):
    assert state_of(ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "LIMIT = 3",
        "NAMES = {'a': 1}\ndef of(key): return NAMES[key]",
        "def make():\n    found = []\n    found.append(1)",
        "NAMES = frozenset({'a'})",
        "NAMES = {'a': 1}\nNAMES |= {'b': 2}",
        "from prometheus_client import Counter\nviews = Counter('views', 'Views.')",
    ],
)
def test_constants_are_no_state(text):
    assert not state_of(ast.parse(text))


@pytest.mark.parametrize(
    ("body", "is_swallowed"),
    [
        ("except Exception: pass", True),
        ("except: log()", True),
        ("except (ValueError, BaseException): return 1", True),
        ("except builtins.Exception as error:\n        log(error)", True),
        ("except Exception:\n        log()\n        raise", False),
        ("except Exception as error:\n        raise Wrong from error", False),
        ("except BaseException: crash()", False),
        ("except BaseException: log()\n    finally: os._exit(1)", False),
        ("except ValueError: pass", False),
    ],
)
def test_swallowed_bugs_are_recognised(body, is_swallowed):
    tree = ast.parse(f"def work():\n    try: work()\n    {body}\n")
    assert swallowed_bugs(tree) == ({"work"} if is_swallowed else set())


@pytest.mark.parametrize(
    "call", ["contextlib.suppress(Exception)", "gather(*tasks, return_exceptions=True)"]
)
def test_suppressed_bugs_are_recognised(call):
    assert swallowed_bugs(ast.parse(f"def work(): {call}")) == {"work"}

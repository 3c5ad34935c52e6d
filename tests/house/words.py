"""Names of files, functions and classes: one word, one meaning, and no drawer for everything."""

import ast
import re
from collections.abc import Iterator

from tests.house.project import Finding, Project, Source

DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "service", "services", "base"}
DRAWERS_ALLOWED = {"tests/services"}  # the folder of tests against real PostgreSQL and Redis, named by the design
VAGUE_VERB = re.compile(r"_*(handle|process|manage)(_|$)")
VAGUE_CLASS = re.compile(r"(Manager|Helper|Helpers|Utils|Service|Handler|Processor|Info|Data)$")
# Names that others fixed: SQLAlchemy's column types, httpx's transports, html.parser, python-socketio, and the word
# of the binding kit.
FIXED_BY_OTHERS = {
    "process_bind_param",
    "process_result_value",
    "handle_async_request",
    "handle_request",
    "handle_starttag",
    "handle_startendtag",
    "handle_endtag",
    "handle_data",
    "_handle_eio_connect",
    "Handler",
}


def drawers(project: Project) -> Iterator[Finding]:
    for path in project.texts:
        for part in (path, *path.parents):
            if part.stem.strip("_") in DRAWERS and part.name and str(part) not in DRAWERS_ALLOWED:
                cure = "name the file or folder after the one thing it holds; what belongs to nothing is not needed"
                yield Finding(str(path), f"{part.name} is a drawer for everything", cure)


def vague_names(project: Project) -> Iterator[Finding]:
    for source in project.sources:
        for node in ast.walk(source.tree):
            if getattr(node, "name", None) in FIXED_BY_OTHERS:
                continue
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and VAGUE_VERB.match(node.name):
                cure = "say what it does: advance, render, parse, verify, send, receive, confirm, fulfil"
                yield Finding(source.at(node), f"the verb of {node.name} says nothing", cure)
            if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name):
                cure = "name the noun of the design's table of words that it is"
                yield Finding(source.at(node), f"the class name {node.name} says nothing", cure)


TEST_NAME_WORDS = 3


def names_that_are_no_sentence(project: Project) -> Iterator[Finding]:
    for source in project.in_rooms("tests"):
        for function in (node for node in ast.walk(source.tree) if is_test(node)):
            words = getattr(function, "name", "").split("_")[1:]
            if len(words) < TEST_NAME_WORDS or "should" in words:
                cure = "say what is so: test_second_capture_is_refused_when_payment_is_captured (and no 'should')"
                yield Finding(source.at(function), f"test_{'_'.join(words)} is no sentence", cure)


def is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")


LEAST_EXCUSE = len("see above")
SUPPRESSION = re.compile(r"#\s*(?:type:\s*ignore|pyright:\s*ignore|noqa|pragma:\s*no (?:cover|branch))(?P<rest>[^\n]*)")
CODES = re.compile(r"^(\[[^\]]*\]|:\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)")


def silent_suppressions(project: Project) -> Iterator[Finding]:
    for source in project.sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            found = SUPPRESSION.search(line)
            if found and "SUPPRESSION" not in line and len(CODES.sub("", found["rest"]).strip(" #–-:")) < LEAST_EXCUSE:
                cure = "write the reason behind it on the same line: # noqa: S608  # the table name is a constant"
                yield Finding(f"{source.path}:{number}", "silences a tool without saying why", cure)


SKIPS = {"skip", "skipif", "xfail", "importorskip"}


def silent_skips(project: Project) -> Iterator[Finding]:
    for source in project.in_rooms("tests"):
        for node in ast.walk(source.tree):
            if skips(node) and not says_why(source, node):
                cure = "give reason=..., naming what this machine lacks; CI must not skip at all"
                yield Finding(source.at(node), "skips or expects failure without saying why", cure)


def skips(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute) and node.attr in SKIPS and ast.unparse(node.value) in ("pytest", "pytest.mark")
    )


def says_why(source: Source, node: ast.AST) -> bool:
    calls = (call for call in ast.walk(source.tree) if isinstance(call, ast.Call) and call.func is node)
    return any(call.args[:1] if ast.unparse(call.func) == "pytest.skip" else has_reason(call) for call in calls)


def has_reason(call: ast.Call) -> bool:
    return any(keyword.arg == "reason" for keyword in call.keywords)

"""The house keeps its layers: includes go down only, and nothing grows past what one can read at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from places import SOURCE

# Lowest first: a file includes from its own folder and from those before it.
LAYERS = ["base", "rules", "render", "sys", "store", "own", "supervise", "operate", "reconcile", "inspect", "tree", "run", "fleet", "cli"]
ALLOWED = {folder: set(LAYERS[: index + 1]) for index, folder in enumerate(LAYERS)}
# The C library is a way in beside the command line. The main.cpp of each program stands outside of every folder.
ALLOWED |= {"capi": {"base", "rules", "sys", "store", "capi"}, "main.cpp": {"cli"},
            "fleet_main.cpp": {"fleet", "cli"}}

# Who has the effects that really change the system; everybody else is given a sys::Effects. Never make it longer.
REAL_EFFECTS = {"cli/command_line.cpp", "capi/gatewayctl.cpp"}

LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 400, 50


def sources() -> Iterator[tuple[str, str]]:
    """Name and text. What a target precompiles (src/pch) is no dependency of any file."""
    for path in sorted(SOURCE.rglob("*.*")):
        name = str(path.relative_to(SOURCE))
        if path.suffix in (".cpp", ".hpp", ".h") and not name.startswith("pch/"):
            yield name, path.read_text()


def folder_of(name: str) -> str:
    return name.partition("/")[0]


def includes_of(text: str) -> list[str]:
    return re.findall(r'^#include "([^"]+/[^"]+)"', text, re.MULTILINE)


def upward(name: str, text: str) -> list[str]:
    """Includes that go where this file must not look."""
    return [include for include in includes_of(text) if folder_of(include) not in ALLOWED[folder_of(name)]]


def long_functions(text: str) -> list[tuple[str, int]]:
    """The text must be as clang-format leaves it: a function ends with the first "}" at the margin after its head."""
    found = []
    for match in re.finditer(r"^(?!namespace|struct|class|enum|union|extern)([A-Za-z].*(?:\n    .*)*)(?<!= )\{\n(?:.*\n)*?\}$", text,
                             re.MULTILINE):
        lines = match.group().count("\n") + 1
        if lines > LINES_OF_A_FUNCTION:
            found.append((match.group(1).partition("\n")[0], lines))
    return found


@pytest.mark.parametrize(("name", "include", "wrong"), [
    ("rules/plan.hpp", "render/slot.hpp", True), ("rules/plan.hpp", "base/text.hpp", False),
    ("sys/child.cpp", "store/home.hpp", True), ("cli/stop.cpp", "operate/operator.hpp", False),
    ("capi/gatewayctl.cpp", "cli/output.hpp", True), ("rules/plan.hpp", "rules/marker.hpp", False),
])
def test_the_check_of_directions_sees_what_it_must_see(name: str, include: str, wrong: bool) -> None:
    assert bool(upward(name, f'#include "{include}"\n#include <vector>\n')) is wrong


def test_the_check_of_lengths_sees_what_it_must_see() -> None:
    body = "    work();\n" * LINES_OF_A_FUNCTION
    assert long_functions(f"Result<int> work(const Home& home,\n                 int b) {{\n{body}}}\n")
    assert not long_functions(f"namespace {{\n{body}}}\nint f() {{\n    return 1;\n}}\n")


def test_includes_go_down_only() -> None:
    found = {name: bad for name, text in sources() if (bad := upward(name, text))}
    assert found == {}


def test_every_folder_is_a_layer() -> None:
    assert {folder_of(name) for name, _ in sources()} <= ALLOWED.keys()


def test_no_file_includes_itself_through_others() -> None:
    includes = {name: includes_of(text) for name, text in sources()}

    def check(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join([*way, name])
        if name not in done:
            for include in includes.get(name, []):
                check(include, (*way, name))
            done.add(name)

    done: set[str] = set()
    for name in includes:
        check(name, ())


def test_few_files_see_the_effects_that_are_real() -> None:
    found = {name for name, text in sources() if "sys/system_effects.hpp" in includes_of(text)} - {"sys/system_effects.cpp"}
    assert found <= REAL_EFFECTS


def test_no_file_is_longer_than_one_can_read_at_once() -> None:
    assert {name: lines for name, text in sources() if (lines := text.count("\n")) > LINES_OF_A_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    assert {name: long for name, text in sources() if (long := long_functions(text))} == {}


def test_every_variable_that_the_sources_name_is_in_the_table() -> None:
    """So that each is read by the rules of rules/variables.hpp."""
    names = re.compile(r'"((?:GATEWAYCTL|HERMES|GATEWAY|S6_PROFILE)_[A-Z0-9_]+)"')
    table = set(names.findall((SOURCE / "rules/variables.cpp").read_text()))
    strangers = {name: found for name, text in sources() if (found := set(names.findall(text)) - table)}
    # A prefix, and the version that the build puts in, are no variables.
    assert strangers == {}
    readers = [name for name, text in sources() if re.search(r'\benvironment\("(?:GATEWAY|HERMES_(?!S6_|SUPERVISED))', text)]
    assert set(readers) <= {"run/supervision.cpp"}, "only what the tool itself has written may be read past the table"

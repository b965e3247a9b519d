#!/usr/bin/python3 -B
"""One table of verbs, many readers: help, manual, completions, docs and README name the same words, all of them, and no others.

    tests/test_reference.py --write      writes docs/verbs.md anew, which is made from the help
"""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))
from places import GATEWAYCTL, REPOSITORY

PARENTS = ("marker", "state", "fleet")
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
REFERENCE = REPOSITORY / "docs/verbs.md"


@functools.cache
def said(*words: str) -> str:
    return subprocess.run([GATEWAYCTL, *words], capture_output=True, text=True, check=True, timeout=120).stdout


def listed(text: str) -> list[str]:
    """The verbs that a help lists."""
    return re.findall(r"^  ([a-z][a-z-]*)  ", text[text.index("Verb"):], re.MULTILINE)


@functools.cache
def visible_verbs() -> list[str]:
    names = []
    for name in listed(said("--help")):
        names += [f"{name} {word}" for word in listed(said(name, "--help"))] if name in PARENTS else [name]
    return names


@functools.cache
def hidden_verbs() -> set[str]:
    """They have a help too; the page of hooks names them."""
    page = said("manual", "gatewayctl-hooks.7")
    return set(re.findall(r"^\.It Cm ([a-z\\-]+)", page.replace("\\-", "-"), re.MULTILINE))


@functools.cache
def options(verb: str) -> set[str]:
    """Long ones, of its help, but those that every verb has."""
    text = said(*verb.split(), "--help")
    return set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", text, re.MULTILINE)) - {"--help", "--version"}


@functools.cache
def global_options() -> set[str]:
    return set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", said("--help"), re.MULTILINE))


def page_of(verb: str) -> str:
    return said("manual", f"gatewayctl-{verb.split()[0]}.1").replace("\\-", "-")


def test_the_table_is_there() -> None:
    assert len(visible_verbs()) > 25
    assert {"after-exit", "complete", "manual"} <= hidden_verbs()


@pytest.mark.parametrize("page", said("manual").split())
def test_a_page_is_good_mdoc(page: str) -> None:
    done = subprocess.run(["mandoc", "-Tlint"], input=said("manual", page), capture_output=True, text=True, check=False)
    # The others are not installed here; that they are there is the next test's.
    assert [line for line in done.stdout.splitlines() if "referenced manual not found" not in line] == []
    assert done.stderr == ""


def test_every_page_that_is_referred_to_is_there() -> None:
    pages = set(said("manual").split())
    for page in pages:
        for name, section in re.findall(r"^\.Xr (\S+) (\d)", said("manual", page), re.MULTILINE):
            assert f"{name}.{section}" in pages, (page, name)


def test_every_verb_has_a_page_with_all_of_its_options_and_no_others() -> None:
    pages = {page for page in said("manual").split() if page.startswith("gatewayctl-") and page.endswith(".1")}
    assert pages == {f"gatewayctl-{verb.split()[0]}.1" for verb in visible_verbs()}
    for page in pages:
        text = said("manual", page).replace("\\-", "-")
        of_page = {verb for verb in visible_verbs() if f"gatewayctl-{verb.split()[0]}.1" == page}
        known = set().union(*(options(verb) for verb in of_page))
        explained = " ".join(re.findall(r"^\.It .*", text, re.MULTILINE))
        for where in (explained, text[text.index(".Sh SYNOPSIS"):text.index(".Sh DESCRIPTION")]):
            assert {f"-{name}" for name in re.findall(r"Fl (-[a-z-]+)", where)} == known, page
        for verb in of_page:
            assert f"\n.Cm {verb}\n".replace(f" {verb}", f' "{verb}"' if " " in verb else f" {verb}") in text


def test_the_programs_page_has_every_verb_every_option_and_every_variable() -> None:
    text = said("manual", "gatewayctl.1").replace("\\-", "-")
    assert set(re.findall(r"^\.It Cm ([a-z-]+)", text, re.MULTILINE)) == {verb.split()[0] for verb in visible_verbs()}
    assert {f"-{name}" for name in re.findall(r"Fl (-[a-z-]+)", text)} == global_options() - {"--version", "--help"}
    source = (REPOSITORY / "src/rules/variables.cpp").read_text()
    variables = set(re.findall(r'"((?:GATEWAY|HERMES|S6_PROFILE)[A-Z0-9_]*[A-Z])"', source))
    assert len(variables) > 18
    assert set(re.findall(r"^\.It Ev (\S+)", text, re.MULTILINE)) == variables


def test_every_key_of_the_configuration_stands_in_the_manual_and_in_the_docs() -> None:
    table = (REPOSITORY / "src/rules/setting_table.cpp").read_text()
    rows = re.findall(r"\{\.setting = .*?\"\},", table, re.DOTALL)
    keys = {re.search(r'\.name = "(\w+)"', row)[1] for row in rows if ".is_key = true" in row}  # type: ignore[index]
    assert len(keys) > 10
    page = said("manual", "gatewayctl.yaml.5")
    assert set(re.findall(r"^\.It Cm (\w+)", page, re.MULTILINE)) == keys
    documented = (REPOSITORY / "docs/configuration.md").read_text()
    in_docs = {cell for row in re.findall(r"^\|[^|]*\|[^|]*\|([^|]*)\|", documented, re.MULTILINE)
               for cell in re.findall(r"`([a-z_]+)`", row)}
    assert in_docs >= keys


def command_lines(text: str) -> list[list[str]]:
    """What follows `gatewayctl` in code: of spans, and of lines of blocks that begin with it or with a prompt."""
    blocks = re.findall(r"^```(?:sh|console)?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in re.findall(r"^(?:\$ )?gatewayctl (.*)$", block, re.MULTILINE)]
    lines += [span for span in re.findall(r"`(?:\$ )?gatewayctl ([^`]*)`", rest)]
    return [re.split(r" -- | [|>&;#]", line)[0].split() for line in lines]


def unknown_words(line: list[str]) -> list[str]:
    known = {*visible_verbs(), *hidden_verbs()}
    first = {verb.split()[0] for verb in known}
    verb, index = None, 0
    while index < len(line):
        word = line[index]
        if word in ("-p", "--home", "--scandir", "--manager", "--scope", "--color"):
            index += 1
        elif not word.startswith("-"):
            verb = word
            break
        index += 1
    if verb is None or not re.fullmatch(r"[a-z][a-z-]*", verb):
        return []
    if verb not in first:
        return [verb]
    whole = f"{verb} {line[index + 1]}" if verb in PARENTS and index + 1 < len(line) else verb
    if verb in PARENTS and whole not in known:
        return [] if re.search(r"[^a-z ]", whole) or whole == verb else [whole]
    words = {re.sub(r"[^a-z-].*", "", word) for word in line if re.match(r"--[a-z]", word)}
    return sorted(words - (options(whole) if whole in known else set()) - global_options() - {"--help"})


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_documents_name_no_verb_and_no_option_that_is_not_there(document: Path) -> None:
    wrong = {" ".join(line): words for line in command_lines(document.read_text()) if (words := unknown_words(line))}
    assert wrong == {}


def test_a_word_that_is_not_there_is_seen() -> None:
    assert unknown_words("statsu --json".split()) == ["statsu"]
    assert unknown_words("-p coder stop --forc".split()) == ["--forc"]
    assert unknown_words("marker eat".split()) == ["marker eat"]
    assert unknown_words("--json status coder".split()) == []


def reference() -> str:
    rows = []
    for verb in visible_verbs():
        text = said(*verb.split(), "--help")
        summary = " ".join(text.split("\nUsage:")[0].split())
        order = re.findall(r"^  (?:-\w,)?(--[a-z-]+)", text, re.MULTILINE)
        names = ", ".join(f"`{name}`" for name in order if name in options(verb))
        rows.append(f"| `{verb}` | {summary} | {names} |")
    return ("# Every verb\n\nMade from the table of verbs by `tests/test_reference.py --write`; the pages gatewayctl-VERB(1) and "
            "`gatewayctl help VERB` say more.\n\n| verb | what it does | options |\n|---|---|---|\n" + "\n".join(rows) +
            "\n\nEvery verb: " + ", ".join(f"`{name}`" for name in sorted(global_options() - {"--version", "--help"})) + ".\n")


def test_the_reference_in_the_docs_is_made_from_the_table() -> None:
    assert REFERENCE.read_text() == reference(), "tests/test_reference.py --write"


def test_changelog_manual_and_program_are_of_one_version() -> None:
    version = re.search(r"version: '([\d.]+)'", (REPOSITORY / "meson.build").read_text())
    assert version
    assert said("version").split() == ["gatewayctl", version[1]]
    newest = re.search(r"^## (\S+), (.*)$", (REPOSITORY / "docs/changelog.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == version[1]
    assert f".Dd {newest[2]}\n" in said("manual", "gatewayctl.1")


if __name__ == "__main__":
    assert sys.argv[1:] == ["--write"], __doc__
    REFERENCE.write_text(reference())

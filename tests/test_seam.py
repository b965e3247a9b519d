"""Only src/sys changes anything: every other file goes through sys::Effects, so that a dry run cannot leak."""

from __future__ import annotations

import re
import subprocess

import pytest
from places import BUILD, SOURCE

CHANGING = (
    "creat|open|open64|openat|openat64|write|pwrite|pwrite64|writev|rename|renameat|renameat2|unlink|unlinkat|remove|mkdir"
    "|mkdirat|rmdir|mkfifo|mkfifoat|mknod|mknodat|link|linkat|symlink|symlinkat|chmod|fchmod|fchmodat|chown|fchown|lchown"
    "|fchownat|truncate|truncate64|ftruncate|ftruncate64|utimensat|futimens|setxattr|fsetxattr|fallocate|posix_fallocate"
    "|fsync|fdatasync|flock|lockf|mkstemp|mkdtemp|mkostemp|tmpfile|fopen|fopen64|freopen|popen|system|fork|vfork|execv"
    "|execve|execvp|execvpe|posix_spawn|posix_spawnp|kill|killpg|tgkill|pidfd_send_signal|setuid|setgid|setgroups"
    "|setresuid|umask|mount|umount|umount2|sendfile|copy_file_range|splice|syscall"
)
CALL = re.compile(rf"(?:(?<![\w.>:])::|(?<![\w.>:])std::)(?:{CHANGING})\s*\(")
LIBRARY = re.compile(
    r"\b(?:std|boost)::filesystem::(?:create_|remove|rename|copy|permissions|resize|last_write)|\bo?fstream\b|\bFILE\s*\*"
    r"|boost::process|boost/process"
)
# What runs in front of a gateway handles its own processes, see src/run; nothing of it is reached by a plan.
EXEMPT_DIRECTORIES = {"sys"}
PROCESS_HANDLING = {"run": re.compile(r"::(?:fork|execvp?e?|kill|killpg|setpgid|write|pidfd_send_signal|syscall)\s*\(")}


def without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*", "", re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text))


def offences(text: str, directory: str = "rules") -> list[str]:
    found = [match.group() for pattern in (CALL, LIBRARY) for match in pattern.finditer(without_comments(text))]
    allowed = PROCESS_HANDLING.get(directory)
    return [call for call in found if not (allowed and allowed.search(call))]


@pytest.mark.parametrize("line", [
    "::openat(fd, name, O_CREAT)", "::rename(a, b);", "if (::unlink (path) != 0)", "std::remove(path)", "std::system(x)",
    "std::ofstream out(path);", "boost::filesystem::create_directories(path)", "::kill(pid, SIGTERM)", "FILE* f",
])
def test_the_check_sees_what_it_must_see(line: str) -> None:
    assert offences(f"void f() {{ {line} }}")


@pytest.mark.parametrize("line", [
    "changes.rename(a, b)", "sys::Directory::open(path)", "lines.remove(x)", "// ::unlink(path)", 'fail("::open(x)")',
    "Home::open(path)", "std::remove_if(a, b, c)",
])
def test_the_check_leaves_everything_else_alone(line: str) -> None:
    assert not offences(f"void f() {{ {line} }}")


def test_nothing_outside_of_sys_changes_the_system() -> None:
    found: dict[str, list[str]] = {}
    files = [path for path in SOURCE.rglob("*.[ch]pp") if path.relative_to(SOURCE).parts[0] not in EXEMPT_DIRECTORIES]
    assert len(files) > 40
    for path in files:
        if bad := offences(path.read_text(), path.relative_to(SOURCE).parts[0]):
            found[str(path.relative_to(SOURCE))] = bad
    assert found == {}


def test_no_object_outside_of_sys_links_to_a_call_that_changes_the_system() -> None:
    """What a macro or a library could hide from the text shows in the symbols."""
    objects = [path for path in BUILD.glob("libgateway*.a.p/src_*.o") if not re.match(r"src_(sys|run)_", path.name)]
    assert len(objects) > 20
    symbols = subprocess.run(["nm", "-A", "-u", *map(str, objects)], capture_output=True, text=True, check=True).stdout
    wanted = re.compile(rf" U (?:{CHANGING})(?:@.*)?$", re.M)
    assert [line for line in symbols.splitlines() if wanted.search(line)] == []


def test_effects_come_into_being_in_one_place() -> None:
    """The dispatch makes them for a verb whose row records or changes; the C library is a program of its own."""
    files = [path for path in SOURCE.rglob("*.[ch]pp") if path.relative_to(SOURCE).parts[0] not in ("sys", "capi")]
    made = [str(path.relative_to(SOURCE)) for path in files if "SystemEffects" in without_comments(path.read_text())]
    assert made == ["cli/command_line.cpp"]
    assert without_comments((SOURCE / made[0]).read_text()).count("SystemEffects") == 1


@pytest.mark.parametrize("verb", ["plan", "status", "list", "logs", "detect", "render", "version", "help"])
def test_a_verb_that_looks_never_has_effects(verb: str) -> None:
    """What a file does not have it cannot use. reconcile --dry-run is plan."""
    text = without_comments((SOURCE / f"cli/{verb}.cpp").read_text())
    assert "Effects" not in text and "effects" not in text


def test_a_plan_is_made_without_effects() -> None:
    """The half of the pass that plan shares with reconcile comes before the half that changes, and has no effects."""
    text = without_comments((SOURCE / "reconcile/pass.cpp").read_text())
    planning, changing = text.split("Result<std::optional<sys::FileLock>> lock_ports(")
    assert "Result<Plan> plan_pass(" in planning and "ffects" not in planning
    assert "ffects" in changing


def test_no_header_outside_of_sys_is_for_changing_the_system() -> None:
    """unistd.h is for asking who one is: the calls of it that change something are looked for above."""
    header = re.compile(r"#include <((?:fcntl|sched|signal|spawn|dirent)\.h|(?:sys|linux)/\w+\.h|filesystem|fstream)>")
    found = {str(path.relative_to(SOURCE)): header.findall(path.read_text()) for path in SOURCE.rglob("*.[ch]*")
             if path.relative_to(SOURCE).parts[0] not in EXEMPT_DIRECTORIES}
    assert {name: headers for name, headers in found.items() if headers} == {}


def test_rules_know_no_system() -> None:
    """The decisions are pure: no header of a system call. That nothing of ours brings one is for test_direction.py."""
    # csignal for the numbers, cstring for their names.
    allowed_c_headers = {"cctype", "cstddef", "cstdint", "cmath", "ctime", "charconv", "csignal", "cstring"}
    for path in [path for folder in ("base", "rules", "render") for path in (SOURCE / folder).rglob("*.[ch]pp")]:
        for include in re.findall(r'#include [<"]([^>"]+)[>"]', path.read_text()):
            assert include != "unistd.h", path
            if include.startswith("c") and "/" not in include and "." not in include:
                known = allowed_c_headers | {"chrono", "compare", "concepts"}
                assert include in known, (path, include)

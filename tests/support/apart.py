"""A function's answer from a process among no others: in a pid namespace and with mounts of its own.

With the machine's other processes in /proc no two runs of a command make the same system calls. Whatever the function has
started or mounted is gone when it has answered.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

CHILD = """
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
function, argument = pickle.load(sys.stdin.buffer)
answer, sys.stdout = sys.stdout.buffer, sys.stderr
answer.write(pickle.dumps(function(argument)))
"""


def apart(function: Callable[[A], B], argument: A) -> B:
    """`function` is one that a module has under its name; what it prints goes to stderr."""
    # It ends with whoever has called. The shell is the namespace's init, and buries what has lost its parents.
    words = ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
             "sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-B", "-c", CHILD]
    with tempfile.TemporaryDirectory(prefix="apart-") as scratch:
        os.chmod(scratch, 0o755)
        done = subprocess.run(words, input=pickle.dumps(sys.path) + pickle.dumps((function, argument)), check=True,
                              stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": scratch})
    return pickle.loads(done.stdout)

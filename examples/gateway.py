#!/usr/bin/env python3
"""A gateway in Python that handles its own signals, through the C library by ctypes.

    HERMES_HOME=/opt/data ./gateway.py PROFILE_DIR

It drains for GATEWAY_DRAIN_S seconds (1), tells a planned stop from a container's stop, and leaves state and exit
code as `gatewayctl run` would.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

lib = ctypes.CDLL(os.environ.get("GATEWAYCTL_LIBRARY", "libgatewayctl.so.1"))
lib.gatewayctl_error.restype = ctypes.c_char_p
PLANNED_STOP, TERMINATE, DRAINED = 0, 1, 1


class End(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32)] + [
        (name, ctypes.c_int32)
        for name in ("signal", "marker", "restart_asked", "was_ready", "drain", "own_exit_code")
    ]


class Verdict(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("exit_code", ctypes.c_int32),
        ("clean", ctypes.c_int32),
        ("gateway_state", ctypes.c_char * 20),
    ]


def checked(answer: int) -> int:
    """A failed record is said and never stops the gateway."""
    if answer < 0:
        print(f"gateway: {lib.gatewayctl_error().decode()}", file=sys.stderr)
    return answer


def main(profile: bytes) -> int:
    # Blocked and waited for, so that no signal is lost between two lines.
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    checked(lib.gatewayctl_life_begin(profile))
    checked(lib.gatewayctl_record_state(profile, b"running", None))

    signal.sigwait(stops)
    checked(lib.gatewayctl_stop_progress(profile, 0))
    request = ctypes.c_int()
    checked(lib.gatewayctl_marker_consume(profile, PLANNED_STOP, ctypes.byref(request)))
    checked(lib.gatewayctl_record_state(profile, b"draining", None))

    time.sleep(float(os.environ.get("GATEWAY_DRAIN_S", "1")))  # finish the current work

    end = End(ctypes.sizeof(End), signal=TERMINATE, marker=request.value, was_ready=1, drain=DRAINED)
    verdict = Verdict(ctypes.sizeof(Verdict))
    if checked(lib.gatewayctl_judge_end(ctypes.byref(end), ctypes.byref(verdict))) < 0:
        return 1
    checked(lib.gatewayctl_stop_progress(profile, 1))
    checked(lib.gatewayctl_record_state(profile, verdict.gateway_state, b"asked to stop"))
    checked(lib.gatewayctl_life_end(profile, ctypes.byref(end), b"asked to stop"))
    return int(verdict.exit_code)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: gateway.py PROFILE_DIR")
    sys.exit(main(os.fsencode(sys.argv[1])))

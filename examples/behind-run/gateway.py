#!/usr/bin/env python3
"""A gateway in Python behind `gatewayctl run`:

    command: [gatewayctl, run, --, /opt/app/gateway.py]
"""

import os
import signal

# Blocked and asked for, so that none is lost between two lines.
stops = {signal.SIGTERM, signal.SIGINT}
signal.pthread_sigmask(signal.SIG_BLOCK, stops)
profile, port = os.environ["GATEWAYCTL_PROFILE"], os.environ["GATEWAYCTL_PORT"]
print(f"{profile}: works, on port {port}", flush=True)

while signal.sigtimedwait(stops, 1) is None:
    pass  # ... one piece of its work ...
# ... finish what is under way, within drain_timeout ...
print(f"{profile}: finished", flush=True)

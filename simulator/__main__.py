"""`python -m simulator`: serves until it is told to stop."""

import os
import signal
import sys
import threading

from simulator.app import close_simulator, create_simulator
from simulator.config import Wrong, from_environment
from simulator.serve import Server


def main() -> int:
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        config = from_environment()
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 1
    try:
        app = create_simulator(config)
    except OSError as error:
        print(f"The simulator cannot listen for mail on port {config.mail_port}: {error}", file=sys.stderr)
        return 1
    try:
        server = Server(app, config.port)
    except OSError as error:
        print(f"The simulator cannot listen on port {config.port}: {error}", file=sys.stderr)
        return 1
    server.start()
    print(f"Simulator: {server.url}", flush=True)
    stop.wait()
    server.stop()
    close_simulator(app)
    sys.stdout.flush()
    # Streams and held answers live in daemon threads; nothing of value is left in them.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())

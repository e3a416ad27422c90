"""Runs a command of ``kgrag-eval`` for the page, in a process of its own: see ``ui.evaluation``.

As ``python -c "... ui.evaluation_child ..." ROOT COMMAND...``. The command line is the contract:
nothing of ``eval`` is imported by name. It is polite to whoever asks questions meanwhile, and when
standard input ends, whoever began it is gone: it then stops as at Ctrl-C, so that a run can be
resumed.
"""

import os
import runpy
import signal
import threading

NICE = 10
"""As ``kgrag.adding_child``: half a core for those who ask, where both cores are busy."""


def main() -> None:
    """Run the command that ``sys.argv`` holds; end with its status."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    threading.Thread(target=_stop_with_the_parent, daemon=True).start()
    runpy.run_module("eval.run", run_name="__main__", alter_sys=True)


def _stop_with_the_parent() -> None:
    # Not through sys.stdin: a thread that holds its lock would break the end of this process.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

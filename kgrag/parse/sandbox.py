"""Takes away, for good, what a process that reads foreign files does not need.

Each guard is tried and reported on its own, as platforms differ: ``limits`` (address space, file
size, open files, processes), ``no_network`` (a network namespace of its own, without interfaces:
holds for C code too) and ``audit`` (Python itself refuses sockets, processes, changes of files).
"""

import ctypes
import os
import sys
from collections.abc import Callable

_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000  # linux/sched.h
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
_OPEN_FILES = 64
_REFUSED = (
    ("socket.", "subprocess.", "shutil.", "pty.", "ftplib.", "smtplib.", "urllib.", "http.client.")
    + (
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "webbrowser.",
    )
    + ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate")
    + ("os.chmod", "os.chown", "os.kill", "os.killpg")
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

GUARDS = ("limits", "no_network", "audit")


def enter(memory_mb: int) -> list[str]:
    """Lock this process in and return the names of the guards that hold, of ``GUARDS``."""
    guards: dict[str, Callable[[], bool]] = {
        "limits": lambda: _limit(memory_mb),
        "no_network": _leave_network,
        "audit": _refuse_in_python,
    }
    return [name for name, guard in guards.items() if guard()]


def allow_cpu(seconds: float) -> None:
    """Let this process use so many more seconds of processor time, then be killed.

    The parent's clock strikes first; this one ends a child whose parent was killed.
    """
    try:
        import resource
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(
        resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + seconds) + 2, hard)
    )


def _limit(memory_mb: int) -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    wanted = {
        resource.RLIMIT_AS: memory_mb << 20,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    for which, limit in wanted.items():
        _, hard = resource.getrlimit(which)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(which, (limit, limit))
        except (OSError, ValueError):  # macOS refuses RLIMIT_AS
            return False
    return True


def _leave_network() -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # The first needs root; the second works for anyone, where user namespaces are allowed.
    return any(
        libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
    )


def _refuse_in_python() -> bool:
    sys.dont_write_bytecode = True

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if writes or event.startswith(_REFUSED):
            raise PermissionError(f"a parser may not do this: {event}")

    sys.addaudithook(refuse)
    return True

"""Who holds a lane: a process, named so that others on its machine can tell whether it still runs."""

import os
import secrets
import socket
from contextlib import suppress


def owner_name() -> str:
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}"


def is_dead(owner: str) -> bool:
    """Whether it was a process of this machine that runs no more; of another machine's we can't tell."""
    machine, _, pid = owner.rpartition(":")[0].rpartition(":")
    if machine != _machine() or not pid.isdigit():
        return False
    if is_this_process(owner):
        return True  # our number again, after a restart in a container
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def is_this_process(owner: str) -> bool:
    return owner.startswith(f"{_machine()}:{os.getpid()}:")


def _machine() -> str:
    """Containers may share a host's name and still count their processes apart."""
    counted = ""
    with suppress(OSError):  # where there is no such thing, all of a machine's processes are counted together
        counted = f"/{os.stat('/proc/self/ns/pid').st_ino}"
    return f"{socket.gethostname()}{counted}"

"""Runs each trial in a process of its own: whatever it does, it costs one trial.

Calls and answers are pickled. Either side loads only what the other has just sent by a pipe between
the two, so nothing that was stored or came from elsewhere.
"""

from __future__ import annotations

import contextlib
import gc
import io
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from types import ModuleType
from typing import Any

import cloudpickle

from archwright.errors import TrialError

PRELOAD = [
    "archwright.evaluators.final",
    "archwright.methods.blackbox",
    "sklearn.metrics",
    "sklearn.tree",
]
"""Imported once by the server that workers are forked from, so that a worker starts at once."""


class Processes(Executor):
    """One fresh process per call, at most `workers` at once, one thread each.

    A script that uses it needs no `if __name__ == "__main__"`: workers do not import it again, and
    what it defines is sent to them as code.

    Args:
        workers: Processes at once.
        seconds: After so long a process is killed.
        memory: Bytes of its own that a process may allocate; 0 for no limit.
    """

    def __init__(self, workers: int, seconds: float = float("inf"), memory: int = 0) -> None:
        self._seconds, self._memory = seconds, memory
        self._over = False
        self._threads = ThreadPoolExecutor(workers, initializer=_deaf)
        self._alive: set[multiprocessing.process.BaseProcess] = set()
        self._context = multiprocessing.get_context("forkserver")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._threads.submit(self._run, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop; with `cancel_futures`, kill what still runs."""
        self._over = cancel_futures
        if cancel_futures:
            for process in list(self._alive):
                process.kill()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for what still runs; after an error, such as a second Ctrl-C, kill it."""
        self.shutdown(cancel_futures=kind is not None)

    def _run(self, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        ours, theirs = self._context.Pipe()
        call = _pickled((fn, args, kwargs))
        process = self._context.Process(
            target=_work, args=(theirs, self._memory, call), daemon=True
        )
        with _hidden_main():
            process.start()
        theirs.close()
        self._alive.add(process)
        if self._over:  # while it was being started
            process.kill()
        try:
            return self._receive(process, ours)
        finally:
            process.kill()  # and do not wait: freeing its memory takes some 10 ms
            self._alive.discard(process)
            ours.close()

    def _receive(self, process: multiprocessing.process.BaseProcess, pipe: Connection) -> Any:
        timeout = None if self._seconds == float("inf") else self._seconds
        if not pipe.poll(timeout):
            raise TrialError(f"took longer than {self._seconds:.0f} s, so its process was killed")
        try:
            outcome, value = pickle.loads(pipe.recv_bytes())
        except (EOFError, ConnectionError):
            process.join()
            raise TrialError(_death(process.exitcode or 0)) from None
        if outcome == "error":
            raise TrialError(value)
        return value


def warm() -> None:
    """Start the server that workers are forked from, unless it runs: it imports torch meanwhile.

    Ctrl-C is blocked while it starts, and so in the server, which has to live on.
    """
    resource_tracker.ensure_running()  # first: starting it lifts the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOAD)
    forkserver.ensure_running()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _deaf() -> None:
    """Leave Ctrl-C to the main thread, which would not wake up if it came here."""
    warm()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


_starting = threading.Lock()


@contextlib.contextmanager
def _hidden_main() -> Iterator[None]:
    """Show multiprocessing an empty main module, so that a worker does not run the user's again."""
    with _starting:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Knows what multiprocessing and torch know beside: how a tensor's memory is shared.

    A tensor that lies in a file is shared as that, so that no memory holds all of it.
    """

    dispatch_table = cloudpickle.Pickler.dispatch_table.new_child(
        ForkingPickler._extra_reducers  # type: ignore[attr-defined]
    )

    def reducer_override(self, obj: Any) -> Any:
        torch = sys.modules.get("torch")
        if torch is not None and type(obj) is torch.Tensor and obj.untyped_storage().filename:
            size = obj.untyped_storage().nbytes() // obj.element_size()
            place = (obj.storage_offset(), tuple(obj.shape), obj.stride())
            return _from_file, (obj.untyped_storage().filename, obj.dtype, size, *place)
        return super().reducer_override(obj)


def _from_file(name: str, dtype: Any, size: int, start: int, shape: Any, stride: Any) -> Any:
    import torch

    whole = torch.from_file(name, shared=True, size=size, dtype=dtype)
    return whole.as_strided(shape, stride, start)


def _pickled(call: Any) -> bytes:
    """Return the call, with the code of what the main module defines; tensors' memory is shared."""
    file = io.BytesIO()
    _Pickler(file).dump(call)
    return file.getvalue()


def _death(code: int) -> str:
    if code == -signal.SIGINT:
        return "stopped: asked to finish now"
    if code == -signal.SIGKILL:
        return "its process was killed, most likely for want of memory"
    return f"its process died with exit code {code}"


def _work(pipe: Connection, memory: int, call: bytes) -> None:
    """Run in the worker: call, and send what came of it, tensors by value.

    Sharing their memory instead takes a connection for each of them, a millisecond, and has this
    process outlive it.
    """
    gc.freeze()  # what the server has imported is not looked at again, and so its pages stay shared
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends a worker without a traceback
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.environ["OMP_NUM_THREADS"] = "1"
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    try:
        fn, args, kwargs = pickle.loads(call)
        answer = cloudpickle.dumps(("value", fn(*args, **kwargs)))
    except Exception as error:
        answer = cloudpickle.dumps(("error", f"{type(error).__name__}: {error}"))
    pipe.send_bytes(answer)

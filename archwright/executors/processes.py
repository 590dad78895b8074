"""Runs each trial in a process of its own: whatever it does, it costs one trial."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from archwright.errors import TrialError

PRELOAD = [
    *("archwright.evaluators.train", "archwright.methods.blackbox"),
    *("sklearn.metrics", "torch._dynamo"),  # torch loads the latter, for seconds, to optimise
]
"""Imported once by the server that workers are forked from, so that a worker starts at once."""


class Processes(Executor):
    """One fresh process per call, at most `workers` at once, one thread each.

    Args:
        workers: Processes at once.
        seconds: After so long a process is killed.
        memory: Bytes of its own that a process may allocate; 0 for no limit.
    """

    def __init__(self, workers: int, seconds: float = float("inf"), memory: int = 0) -> None:
        self._seconds, self._memory = seconds, memory
        self._threads = ThreadPoolExecutor(workers)
        self._alive: set[multiprocessing.process.BaseProcess] = set()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._threads.submit(self._run, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop; with `cancel_futures`, kill what still runs."""
        if cancel_futures:
            for process in list(self._alive):
                process.kill()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def _run(self, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_work, args=(theirs, self._memory, fn, args, kwargs), daemon=True
        )
        process.start()
        theirs.close()
        self._alive.add(process)
        try:
            return self._receive(process, ours)
        finally:
            process.kill()
            process.join()
            self._alive.discard(process)
            ours.close()

    def _receive(self, process: multiprocessing.process.BaseProcess, pipe: Connection) -> Any:
        timeout = None if self._seconds == float("inf") else self._seconds
        if not pipe.poll(timeout):
            raise TrialError(f"took longer than {self._seconds:.0f} s, so its process was killed")
        try:
            outcome, value = pipe.recv()
        except (EOFError, ConnectionError):
            process.join()
            raise TrialError(_death(process.exitcode or 0)) from None
        if outcome == "error":
            raise TrialError(value)
        return value


def _death(code: int) -> str:
    if code == -9:
        return "its process was killed, most likely for want of memory"
    return f"its process died with exit code {code}"


def _work(pipe: Connection, memory: int, fn: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Run in the worker: call, send what came of it, and wait to be killed.

    Tensors are received by asking this process for their memory, so it must outlive `send`.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    try:
        pipe.send(("value", fn(*args, **kwargs)))
    except Exception as error:
        pipe.send(("error", f"{type(error).__name__}: {error}"))
    with contextlib.suppress(EOFError, OSError):
        pipe.recv()

"""Executors: where trials run. Each is a `concurrent.futures.Executor`."""

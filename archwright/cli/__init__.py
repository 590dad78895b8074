"""The command line: parse, call one library function, print. One file a command."""

from archwright.cli.main import main

__all__ = ["main"]

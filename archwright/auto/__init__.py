"""The whole way: from data to a result folder, inside the budget."""

from archwright.auto.engine import resume, search
from archwright.auto.result import Result, load

__all__ = ["Result", "load", "resume", "search"]

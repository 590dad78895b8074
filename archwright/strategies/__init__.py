"""Strategies: what to evaluate next, from what is known so far. One file an algorithm."""

"""Surrogates: models that predict losses from encodings, and say how sure they are."""

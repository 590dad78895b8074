"""Rivals of a race: each a script of its own, run in an environment of its own.

Called with a folder and the seconds there are, each reads `train` and `test` there, and writes
`predictions.npy` for the test rows: classes by number, or values. It may write that file again and
again; what it holds at the deadline counts. None of them sees a test label.
"""

"""Completions coming in, by hand, from a file, by command: read, shown before, applied, and taken back.

`docs/completions.md` tells those who make the files what may stand in them.
"""

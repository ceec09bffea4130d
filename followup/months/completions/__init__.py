"""Completions coming in: by hand, from a file, by command. Read, previewed, applied, and taken back for ten minutes.

`docs/completions.md` tells those who make the files what may stand in them.
"""

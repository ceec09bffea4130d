"""Recording completions: by hand, from a list or by command; previewed, applied, undone.

`docs/completions.md` describes the lists.
"""

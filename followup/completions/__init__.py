"""Recording completions: by hand, from a file or by command; parsed, previewed, applied, undone.

`docs/completions.md` describes the file format.
"""

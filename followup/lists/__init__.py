"""Reading lists of people as the world writes them: files of spreadsheets, and what is pasted.

`docs/completions.md` describes the formats. Nothing here is stored.
"""

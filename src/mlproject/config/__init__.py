"""One pydantic model per conf file: the field is the range, the help text and the default.

`data`, `evaluation`, `experiment`, `models`, `study` and `tasks` hold the sections. `loading` reads and checks the
files, `overrides` changes single values of them.
"""

"""Tracks of music: where they lie, which of them are used, and how they sound.

`tracks` says what a corpus is; `gtzan`, `folder` and `demo` are the kinds that hold audio, `feature_table` the one that
holds features; `opening` opens the one that a configuration names. `archives` reads packed ones, `user_tables` tables
of users, also of who made a track. `sampling` chooses tracks, `decoding` checks and reads their audio, `lyrics`
gathers their words.
"""

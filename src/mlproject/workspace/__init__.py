"""The checkout as a value that is handed to whoever needs it: paths, settings, git, DVC and the terminal."""

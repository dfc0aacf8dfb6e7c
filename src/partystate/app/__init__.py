"""Floor 9: the doors. `cli` is the command line."""

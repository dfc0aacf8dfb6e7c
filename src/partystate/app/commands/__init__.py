"""One small module for each group of commands, with `register(app)`."""

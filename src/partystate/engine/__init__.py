"""The working month as a plan table, the runner, the recorder and snapshots."""

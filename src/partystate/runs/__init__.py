"""Floor 6: scenario, design, run key, executors, store."""

"""The history: one causal rule set a file, grouped by sector. Mechanisms meet only in the state."""

"""Floor 8: what is seen — charts, the report, sentences and screens, all made from stored runs."""

"""Floor 7: what is worked out from stored runs — outcomes, comparisons with the record, and why things happened."""

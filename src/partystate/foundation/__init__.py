"""Ground floor: errors, units, calendar, keyed draws. No history here."""

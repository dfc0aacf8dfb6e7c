"""What is known about the period, and how well."""

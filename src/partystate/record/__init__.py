"""What is known about the period, and how well: ``record.load()`` and the data it reads."""

from partystate.record.loading import Record, load
from partystate.record.parameters import Parameter, Resolved, Setting, resolve

__all__ = ["Parameter", "Record", "Resolved", "Setting", "load", "resolve"]

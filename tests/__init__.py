"""Tests of partystate."""

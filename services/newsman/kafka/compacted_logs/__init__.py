"""Compacted logs that are kept in memory: editors' decisions."""

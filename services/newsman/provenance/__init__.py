"""Signed statements of what was published: keys, canonical content, signatures, and their check."""

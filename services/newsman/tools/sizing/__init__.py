"""The size of an installation, computed from what was measured."""

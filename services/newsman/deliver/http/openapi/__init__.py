"""The description of the edge."""

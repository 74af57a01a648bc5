"""Signs of life of a process of any service, and its end when they stop."""

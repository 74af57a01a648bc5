"""The newsroom's own names: the log that they live in, and the files that they come from."""

"""`newsman provenance` and `newsman verify`: keys of statements, and the check of statements."""

"""Files that are looked at while a process runs."""

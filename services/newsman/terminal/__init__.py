"""Output of commands for people and for programs: tables, JSON, progress, and endings."""

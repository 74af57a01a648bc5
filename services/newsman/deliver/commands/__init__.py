"""Commands for operators and subscribers."""

"""The pages on which editors decide, without a script."""

"""Commands with which an operator sees and mends an installation, one file each."""

"""Which article an identifier names."""

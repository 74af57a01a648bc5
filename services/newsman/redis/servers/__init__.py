"""Redis as others run it: several servers behind one address."""

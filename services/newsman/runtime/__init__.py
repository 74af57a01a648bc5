"""What keeps a process of any service honest: its signs of life, and its end when they stop."""

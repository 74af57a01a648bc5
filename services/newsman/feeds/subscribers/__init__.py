"""Subscribers who read with a token: who they are, what they may see, what they were told."""

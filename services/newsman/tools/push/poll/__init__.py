"""Fetching feeds, and sending what is new in them."""

"""Requests to addresses that strangers named: to public addresses only, and with bounds."""

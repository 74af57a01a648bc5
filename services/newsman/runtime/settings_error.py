"""The error of a wrong setting; on its own, so that a command need not import all settings."""


class SettingsError(Exception):
    """The environment lacks a setting or holds one that makes no sense; the text says which."""

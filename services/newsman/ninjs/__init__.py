"""IPTC ninjs: its versions and their schemas, for what comes in and for what goes out."""

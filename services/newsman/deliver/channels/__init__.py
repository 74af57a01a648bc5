"""Every way out: one file each, found by its `open_channel`."""

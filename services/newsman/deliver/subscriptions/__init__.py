"""What was subscribed: its rules, its cursors, and writing the logs of it."""

"""From the queues to the receivers: taking, rendering, sending, and what follows from an answer."""

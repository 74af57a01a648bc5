"""The garbage collector, which looks at everything again and again unless it is told not to."""

import gc


def collect_seldom(*thresholds: int) -> None:
    """Spares what there is now for ever, and lets the collector run at these thresholds of
    generations (`gc.set_threshold`) from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*thresholds)

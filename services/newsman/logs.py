"""How every service logs: one line per event on standard error."""

import logging

LOUD_LIBRARIES = ("kafka", "aiokafka", "faust", "mode", "httpx", "uvicorn.access")


def configure_logging(level: str) -> None:
    """Newsman's own messages from `level` on, its libraries' from WARNING on."""
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for name in LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))

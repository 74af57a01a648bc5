"""Addresses of brokers, as settings name them."""

from urllib.parse import urlsplit


def brokers(bootstrap: str) -> list[str]:
    """`a:9092,b:9092` as the list that the clients take."""
    return [broker.strip() for broker in bootstrap.split(",") if broker.strip()]


def require_addresses(bootstrap: str) -> None:
    """Raises ValueError unless it is `host:port`, or several with commas between them."""
    named = brokers(bootstrap)
    if not named:
        raise ValueError("no broker is named")
    for broker in named:
        if not _is_address(broker):
            raise ValueError(f"{broker} is not written host:port")


def _is_address(broker: str) -> bool:
    try:
        parts = urlsplit(f"//{broker}")
        is_plain = parts.netloc == broker and not set("@ \t") & set(broker)
        return is_plain and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False

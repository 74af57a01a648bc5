"""The parts of a Content-Type (RFC 9110 section 8.3)."""

from email.message import Message


def media_type(content_type: str | None) -> str:
    """The media type in lower case, "" where there is none."""
    return (content_type or "").partition(";")[0].strip().lower()


def charset(content_type: str) -> str | None:
    """The character set that it names."""
    if ";" not in content_type:
        return None
    message = Message()
    message["Content-Type"] = content_type
    named = message.get_param("charset")
    return named if isinstance(named, str) else None

"""The way into a cluster as Faust takes it, which hands it to aiokafka."""

import faust
from faust.auth import Credentials, OAuthCredentials

from newsman.kafka.access.asynchronous import AsyncTokenProvider
from newsman.kafka.access.security import KafkaSecurity


def credentials(security: KafkaSecurity) -> Credentials | None:
    """The credentials of an app; raises SettingsError for a file that cannot be read."""
    context = security.context()
    if security.is_by_token:
        return OAuthCredentials(oauth_cb=AsyncTokenProvider(security), ssl_context=context)
    if security.is_sasl:
        return faust.SASLCredentials(
            username=security.username,
            password=security.password,
            mechanism=security.mechanism,
            ssl_context=context,
        )
    return None if context is None else faust.SSLCredentials(context)

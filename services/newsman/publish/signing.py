"""Statements in the name of the site, where it signs what it publishes."""

import logging

from newsman.provenance.canonical_json import NotCanonical
from newsman.provenance.keys import read_signing_key
from newsman.provenance.statements import signer
from newsman.publish import metrics
from newsman.publish.store.stating import SignRevision
from newsman.runtime.logs import about
from newsman.settings import PublishSettings
from newsman_schemas.articles import ArticlePublished

log = logging.getLogger(__name__)


def build_signer(settings: PublishSettings) -> SignRevision | None:
    """Signs with the key in the settings; None where there is none."""
    if settings.signing_key_file is None:
        return None
    sign = signer(settings.public_url.rstrip("/"), read_signing_key(settings.signing_key_file))

    def sign_revision(event: ArticlePublished, before: str | None) -> str | None:
        try:
            return sign(event, before)
        except NotCanonical as problem:
            metrics.unsigned.inc()
            named = f"{event.article_id}, revision {event.revision}"
            subject = about(event.article_id, event=event.type_name())
            text = "no statement of %s: its content has no digest: %s"
            log.warning(text, named, problem, extra=subject)
            return None

    return sign_revision

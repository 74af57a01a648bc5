"""ninjs: Superdesk's dialect, and the strict versions that `?version=` names."""

from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.ninjs import dialect, v1, v2, v3

FORMAT = FeedFormat(
    "ninjs",
    dialect.MEDIA_TYPE,
    dialect.render,
    dialect.render_article,
    dialect.render_tombstone,
    versions={
        strict.VERSION: FeedFormat(
            "ninjs",
            dialect.MEDIA_TYPE,
            strict.render,
            strict.render_article,
            strict.render_tombstone,
            tells_of_gone=True,
        )
        for strict in (v1, v2, v3)
    },
    tells_of_gone=True,
)

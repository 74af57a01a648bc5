"""The names of every key in Redis. What must change atomically shares a hash tag in braces."""

from newsman.redis.marker import LAYOUT

STORE_LAYOUT = LAYOUT
"""What the marker holds while the first generation of the store serves."""


class ArticleKeys:
    """The article store, written by publish alone and read by feeds and popularity.

    A rebuild fills a generation of its own, whose keys begin with `NS:g<generation>`; the first
    has no name, and its keys begin with the namespace.
    """

    def __init__(self, namespace: str, generation: str = "") -> None:
        self._prefix = f"{namespace}:g{generation}" if generation else namespace
        self.marker = f"{namespace}:store:layout"
        """Says while the store is whole which generation serves; absent after a flush."""
        self.progress = f"{namespace}:store:rebuild"
        """Hash of a running rebuild: `done` and `total` events, `seconds` to go."""
        self.lock = f"{namespace}:store:rebuild-lock"
        """Held by the one process that rebuilds."""
        self.changes = f"{namespace}:store:changes"
        """Counts accepted changes; a cache made at the same count is still fresh."""
        self.mentions = f"{namespace}:store:mentions"
        """Hash from an entity's slug to the id of the article that was the first to name it; "" is
        there once it holds all that the log tells."""
        self.names = f"{self._prefix}:store:names"
        """Hash from index term to its display name: when it was given, and JSON
        {"name", "type"}; the newest article's name stays."""

        self.aliases = f"{self._prefix}:store:aliases"
        """Hash from an id to the one under which its article is stored."""

    def all_of(self, kind: str) -> str:
        """A pattern for every key of a kind in this generation: article, index, gone, store."""
        return f"{self._prefix}:{kind}:*"

    def due(self, partition: int) -> str:
        """Sorted set of the article ids of one partition of article-enriched, by the Unix second
        at which the gate must look again."""
        return f"{self._prefix}:store:due:{partition}"

    def article(self, article_id: str) -> str:
        """Hash: status, doc (what readers may see, as deflated JSON), at_ms, revision, ancestors
        and original of its chain, gone, aliases (other ids that lead to it), and the gate's own
        fields."""
        return f"{self._prefix}:article:{{{article_id}}}"

    def history(self, article_id: str) -> str:
        """List of JSON stages: everything that ever happened to the article, oldest first."""
        return f"{self._prefix}:article:{{{article_id}}}:history"

    def versions(self, article_id: str) -> str:
        """Hash of every version but the newest, by event id: deflated JSON."""
        return f"{self._prefix}:article:{{{article_id}}}:versions"

    def pending(self, article_id: str) -> str:
        """Hash by revision of events that were decided but whose arrival on the topic is not
        confirmed."""
        return f"{self._prefix}:article:{{{article_id}}}:pending"

    def statements(self, article_id: str) -> str:
        """Hash by revision of the signed statements about an article, but for the newest, which
        stands with its revision in the article's field `stated`."""
        return f"{self._prefix}:article:{{{article_id}}}:statements"

    def children(self, article_id: str) -> str:
        """Hash of the articles that evolved from this one: `1` where readers have the child in
        its place, `0` where not (yet)."""
        return f"{self._prefix}:article:{{{article_id}}}:children"

    def parents(self, article_id: str) -> str:
        """Set of the articles that this one ever said it evolved from."""
        return f"{self._prefix}:article:{{{article_id}}}:parents"

    def copiers(self, article_id: str) -> str:
        """Set of the articles of which any version had a copy of this one in it."""
        return f"{self._prefix}:article:{{{article_id}}}:copiers"

    def bearers(self, article_id: str) -> str:
        """Hash of the articles whose uri is no URI and alone would give this id: since when, and
        their link then; `hold:EVENT` are kills and holds that were pushed under it."""
        return f"{self._prefix}:article:{{{article_id}}}:bearers"

    def index(self, term: str) -> str:
        """Sorted set of article ids by publication time in ms; terms: `latest`,
        `section:<slug>`, `tag:<slug>`, `entity:<slug>`, and `revised` by the newest version's
        time."""
        return f"{self._prefix}:index:{term}"

    def gone(self, term: str) -> str:
        """Sorted set of articles that were taken away while they stood under the term, by the
        Unix ms at which they went; what is known of each stands in its hash, field `gone`."""
        return f"{self._prefix}:gone:{term}"


class FeedsKeys:
    """Requests of operators to all processes of feeds, and these processes' reports."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{namespace}:feeds"
        self.rebuild = f"{self._prefix}:rebuild"
        """The number of the last request to make the catalogues anew."""
        self.processes = f"{self._prefix}:process:*"
        """A pattern for the keys of all processes that are there."""

        self.audiences = f"{self._prefix}:audiences"
        """Hash from a feed reader and the path of a feed to the number of subscribers that it last
        said it has, and the day."""

    def programs(self, day: str) -> str:
        """Hash of kinds of programs, and of these with an article's id behind them, to what they
        asked for on a day (`2026-03-02`, UTC), with `full` where more articles were asked for
        than are counted; it expires."""
        return f"{self._prefix}:programs:{day}"

    def process(self, name: str) -> str:
        """Hash, gone with the process: `met`, the last request that it has met, and how far it is
        with the next: `done` and `total` events, `seconds` to go."""
        return f"{self._prefix}:process:{name}"


RESET = "reset"
"""Stands in a partition's offset when an operator wants its views counted again."""


class PopularityKeys:
    """Counts of one partition; all its keys share the hash tag {p<N>}."""

    def __init__(self, namespace: str, partition: int) -> None:
        self.prefix = f"{namespace}:popularity:{{p{partition}}}"
        self.offset = f"{self.prefix}:offset"
        """The next offset to read of this partition of article-viewed.v1, or RESET; that of v2 is
        in the state."""
        self.state = f"{self.prefix}:state"
        """Hash: the rule that the counts were made under, how far each window has moved, and
        `second`, the next offset to read of this partition of article-viewed.v2."""
        self.queue = f"{self.prefix}:queue"
        """List of what is counted but not yet in the rows, as JSON."""
        self.seen = f"{self.prefix}:seen"
        """Hash from the hours since 1970 that `seen_in` is there for to the records in each."""
        self.decayed = f"{self.prefix}:decayed"
        """Sorted set of article ids by log2 of the sum of 2^(a view's time / half-life)."""

    def count(self, window: str) -> str:
        """Sorted set of article ids by their row of the window; `row` says what a row is."""
        return f"{self.prefix}:count:{window}"

    def span(self, span: str, number: int) -> str:
        """Hash of article ids to their rows of one `minute`, `hour` or `day` since 1970."""
        return f"{self.prefix}:{span}:{number}"

    def seen_in(self, hour: int) -> str:
        """12 bytes for each view that counted in an hour since 1970: a fingerprint of article and
        reader, or of a resend's id (8 bytes), and the second (4), both little-endian."""
        return f"{self.seen}:{hour}"

    def filtered(self, span: str, number: int) -> str:
        """Hash of article ids, each followed by the letter of a reason, to what did not count in
        one `hour` or `day` since 1970."""
        return f"{self.prefix}:filtered:{span}:{number}"

    def arrivals(self, minute: int) -> str:
        """Hash of article ids, each followed by a letter, to how many of that minute since 1970
        counted long after it (`d`), were told by a page with a token (`p`), or were pages that
        told how they were read (`l`); it expires."""
        return f"{self.prefix}:arrivals:{minute}"

    def attention(self, number: int) -> str:
        """Hash of article ids, each followed by `n` (how often somebody told how it was read on
        that day), `s` (the seconds together) or `e` (how often to the end), to the number."""
        return f"{self.prefix}:attention:day:{number}"


READ = 1 << 26
"""A row is one number, views * READ + readers: it sorts by views, then by readers."""


def row(score: float) -> tuple[int, int]:
    """Views and readers."""
    return divmod(int(score), READ)


class RankingKeys:
    """State that the process which publishes rankings shares with its equals."""

    def __init__(self, namespace: str) -> None:
        self.lock = f"{namespace}:ranking:lock"
        """Held, for a few seconds at a time, by the one process that publishes."""
        self._prefix = namespace

        self.edits = f"{namespace}:ranking:edits"
        """Hash of article ids to what editors and rules have said of them, as JSON; `position`
        holds how far of ranking-edited that reaches."""

        self.holds = f"{namespace}:ranking:holds"
        """JSON of article ids to the holds of rules that are in force; it expires."""

    def last(self, name: str) -> str:
        """The RankingChanged that was published last under this key, as JSON."""
        return f"{self._prefix}:ranking:last:{name}"


class ReaderKeys:
    """The secrets that reader ids are hashed with."""

    def __init__(self, namespace: str) -> None:
        self.secret = f"{namespace}:reader:secret"
        """Keys the ids of readers whom a pusher names."""
        self.page_secret = f"{namespace}:reader:page-secret"
        """Signs the tokens of pages whose views are told without a key."""
        self._prefix = namespace

    def salt(self, day: str) -> str:
        """Keys the ids of unnamed readers on one day (`2026-03-02`); it expires."""
        return f"{self._prefix}:reader:salt:{day}"

    def forgotten(self, day: str) -> str:
        """There when the append-only file was rewritten on a day, without the salts before."""
        return f"{self._prefix}:reader:forgotten:{day}"


class IngestKeys:
    """Answers of ingest to pushes with an Idempotency-Key and to signed ones by their ids, and
    state that its processes share."""

    def __init__(self, namespace: str) -> None:
        self._prefix = namespace

    def addresses(self, minute: int) -> str:
        """Hash from keyed hashes of addresses to the views that came from each without a key in a
        minute since 1970; it expires."""
        return f"{self._prefix}:ingest:addresses:{minute}"

    def answer(self, source: str, key_digest: str) -> str:
        """The answer to one key of one source; it expires."""
        return f"{self._prefix}:ingest:answer:{source}:{key_digest}"


class DeliverKeys:
    """Keys that all processes and subscriptions of deliver share."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{namespace}:deliver"
        self.marker = f"{self._prefix}:layout"
        """There while the queues are whole; absent after a flush, until they are recovered."""
        self.lock = f"{self._prefix}:recovery-lock"
        """Held by the one process that recovers."""
        self.offsets = f"{self._prefix}:offsets"
        """Hash from partition of article-published to the next offset to read."""
        self.ready = f"{self._prefix}:ready"
        """Sorted set of subscriptions by the Unix ms at which to look into their queues."""
        self.bell = f"{self._prefix}:bell"
        """Channel on which a message says that something was queued."""
        self.queues = f"{self._prefix}:queues"
        """Set of the subscriptions that have a queue."""
        self.processes = f"{self._prefix}:processes"
        """Sorted set of the processes that send, by the Unix ms of their last sign of life."""

    def moved(self, partition: int) -> str:
        """Set of subscriptions whose place in a partition was changed by another than its
        reader."""
        return f"{self._prefix}:moved:{partition}"

    def told(self, article_id: str) -> str:
        """Hash from subscription to the last revision that went into its queue, with `-` behind
        it when that took the article away; it expires."""
        return f"{self._prefix}:told:{{{article_id}}}"


class QueueKeys:
    """The queue of one subscription; all its keys share the hash tag {subscription id}.

    Entries are kept by what they are about: an article id, `ranking:<key>` or `notice:<id>`.
    """

    def __init__(self, namespace: str, subscription_id: str) -> None:
        self._prefix = f"{namespace}:deliver:queue:{{{subscription_id}}}"
        self.entries = f"{self._prefix}:entries"
        """Hash to the one reference that waits or is under way, as a JSON list."""
        self.urgent = f"{self._prefix}:urgent"
        """Sorted set of kills, withdrawals and flashes by the Unix ms at which to send them."""
        self.due = f"{self._prefix}:due"
        """Sorted set of everything else, in the same way."""
        self.leases = f"{self._prefix}:leases"
        """Hash to the Unix ms until which it may be under way, and the token of who sends it."""
        self.failures = f"{self._prefix}:failures"
        """Hash to the number of attempts that failed."""
        self.places = f"{self._prefix}:places"
        """Hash from partition of article-published to how far the queue is: `L` and the last
        offset queued while it is live, `C` and the next offset while it catches up."""
        self.attempts = f"{self._prefix}:attempts"
        """List of the last attempts as JSON, newest first."""
        self.exchanges = f"{self._prefix}:exchanges"
        """Hash to what was sent and answered in these attempts, from the entry and a number; from
        the entry alone to nothing where what is under way must not be kept."""
        self.state = f"{self._prefix}:state"
        """Hash: `hold_until`, `failing_since` (Unix ms), `streak`, the failures in a row, and
        `pause_until` (Unix ms) and `pause` (ms) of a receiver that fails."""
        self.bounces = f"{self._prefix}:bounces"
        """Set of the e-mails that came back for a while only; it expires."""

    @property
    def all(self) -> tuple[str, ...]:
        """Every key of the queue itself, the entries first."""
        return (
            self.entries,
            self.urgent,
            self.due,
            self.leases,
            self.failures,
            self.places,
            self.attempts,
            self.exchanges,
            self.state,
        )


class FetchKeys:
    """Keys of what subscribers who fetch were handed out."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{namespace}:deliver:fetch"

    def handed(self, subscription_id: str) -> str:
        """JSON of one subscription: `at`, the cursor from which it goes on that names none, and
        `items`, what was handed out and not acknowledged yet; it expires."""
        return f"{self._prefix}:{{{subscription_id}}}:handed"


class RegistryKeys:
    """Turns of those who change subscriptions."""

    def __init__(self, namespace: str) -> None:
        self.lock = f"{namespace}:deliver:registry-lock"
        """Held by the one process that changes a subscription."""
        self.written = f"{namespace}:deliver:registry-written"
        """The offset of subscription-changed behind what was written last."""

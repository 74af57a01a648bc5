"""GET /v1/stream: server-sent events (WHATWG HTML, section 9.2) with exact resumption."""

from collections.abc import Callable, Sequence

from kafka.errors import KafkaError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.feeds.models import FollowedStream, StreamList
from newsman.feeds.stream.audience import PUBLIC, Audience
from newsman.feeds.stream.broadcaster import Broadcaster
from newsman.feeds.stream.channel import Carried
from newsman.feeds.stream.follower import Follower
from newsman.feeds.stream.open_streams import OpenStreams
from newsman.feeds.stream.queries import RankingStreamQuery, StreamQuery
from newsman.feeds.stream.registry import ARTICLES, RANKINGS, STREAMS, Stream
from newsman.feeds.stream.request import StreamRequest
from newsman.kafka.positions import BadPosition, Named, Part, UnknownTopic, decode_id
from newsman.web.patient_stream import PatientStream
from newsman.web.problems import problem
from newsman.web.query import BadParameter
from newsman.web.server.direct_writes import direct_writer

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
NDJSON = "application/x-ndjson"
STALLED_SECONDS = 30.0
AGAIN = {"Retry-After": "2"}


class StreamRoutes:
    """The live streams: what there is to follow, and following it."""

    def __init__(
        self,
        hub: Broadcaster,
        follower: Follower,
        namespace: str,
        streams: OpenStreams,
        audience: Callable[[Request], Audience] = lambda _: PUBLIC,
    ) -> None:
        self._hub = hub
        self._follower = follower
        self._namespace = namespace
        self._streams = streams
        self._audience = audience

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/v1/streams", self.listed),
            Route("/v1/stream", self.follow),
            Route("/v1/stream/{streams}", self.follow),
        ]

    async def listed(self, _: Request) -> Response:
        """The list of streams."""
        items = tuple(
            FollowedStream(
                name=stream.name,
                url=f"/v1/stream/{stream.name}",
                topic=stream.topic.full_name(self._namespace),
                summary=stream.summary,
                events=stream.events,
                filters=stream.filters,
            )
            for stream in STREAMS.values()
        )
        return JSONResponse(StreamList(items=items).model_dump())

    async def follow(self, request: Request) -> Response:
        """Events of the streams that the path names, of articles if it names none."""
        names = request.path_params.get("streams", ARTICLES.name).split(",")
        if unknown := [name for name in names if name not in STREAMS]:
            listed = ", ".join(STREAMS)
            return problem(404, f"there is no stream {unknown[0]!r:.100}, only {listed}")
        if not self._hub.positions:
            return problem(503, "the live stream is not there yet", headers=AGAIN)
        try:
            asked = await self._asked(request, [STREAMS[name] for name in names])
        except (KafkaError, BadParameter, BadPosition, UnknownTopic) as error:
            return _refusal(error)
        return PatientStream(
            self._follower.follow(asked),
            what="the live stream",
            patience_seconds=STALLED_SECONDS,
            media_type=NDJSON if asked.carried.as_lines else "text/event-stream",
            headers=HEADERS,
            while_open=self._streams.counted(request.client.host if request.client else ""),
        )

    async def _asked(self, request: Request, streams: Sequence[Stream]) -> StreamRequest:
        read = RankingStreamQuery.read if RANKINGS in streams else StreamQuery.read
        query = read(request.query_params)
        topics = {stream.topic.full_name(self._namespace): stream for stream in streams}
        parts = [part for part in self._hub.positions if part[0] in topics]
        last_id = request.headers.get("last-event-id") or query.last_event_id
        named = decode_id(last_id, parts) if last_id else Named()
        if query.since is not None:
            _begin(named, parts, query.since)
        carried = Carried(frozenset(topics), NDJSON in request.headers.get("accept", ""))
        audience = self._audience(request)
        # Lines may be packed on their way, and what subscribers are told is noted.
        is_plain = audience is PUBLIC and not carried.as_lines
        return StreamRequest(
            carried=carried,
            wants={topic: _wants(query, stream) for topic, stream in topics.items()},
            start=await self._follower.resolve(named),
            pings=query.ping,
            search=query.search if ARTICLES in streams else None,
            searched=ARTICLES.topic.full_name(self._namespace),
            is_new=not (named.offsets or named.moments),
            audience=audience,
            direct=direct_writer(request.scope) if is_plain else None,
        )


def _begin(named: Named, parts: Sequence[Part], moment: int) -> None:
    """Adds a moment for all partitions of the topics that the Last-Event-ID does not name."""
    begun = {topic for topic, _ in (*named.offsets, *named.moments)}
    named.moments.update({part: moment for part in parts if part[0] not in begun})


def _refusal(error: KafkaError | BadParameter | BadPosition | UnknownTopic) -> Response:
    if isinstance(error, BadParameter):
        return problem(400, str(error), errors=[(f"/{error.name}", error.detail)])
    if isinstance(error, BadPosition):
        return problem(400, str(error))
    if isinstance(error, UnknownTopic):
        return problem(404, str(error))
    return problem(503, "the log is away for a moment", headers=AGAIN)


def _wants(query: StreamQuery, stream: Stream) -> frozenset[str]:
    # What a stream has no filter for does not keep it from the reader.
    selection = query.selection.only(stream.filters)
    terms = set(selection.terms) if selection.filters else set()
    if stream is RANKINGS:
        terms |= set(query.ranking_terms())
    return frozenset(terms)

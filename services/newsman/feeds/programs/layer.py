"""Where programs are noted: around the application, and around what is answered past it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsman.feeds.programs.counts import ProgramCounts
from newsman.web.server.ready_answers import Fields, ReadyAnswer, ReadyAnswers

BAD = 400
AGENT = b"user-agent"


class NotedPrograms:
    """An application; whoever gets an answer from it is noted."""

    def __init__(self, app: ASGIApp, counts: ProgramCounts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        path, query = scope["raw_path"], scope["query_string"]
        target = b"%b?%b" % (path, query) if query else path

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < BAD:
                self._counts.note(_agent(scope["headers"]), target)
            await send(message)

        await self._app(scope, receive, noted)


class NotedAnswers:
    """Answers that stand ready; whoever gets one is noted."""

    def __init__(self, answers: ReadyAnswers, counts: ProgramCounts) -> None:
        self._answers = answers
        self._counts = counts

    def find(self, target: bytes, fields: Fields, /) -> ReadyAnswer | None:
        """The answer that stands ready for a GET."""
        answer = self._answers.find(target, fields)
        if answer is not None:
            self._counts.note(_agent(fields), target)
        return answer


def _agent(fields: Fields) -> bytes:
    for name, value in fields:
        if name == AGENT:
            return value
    return b""

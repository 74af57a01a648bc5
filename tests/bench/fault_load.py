"""A load that notes what was accepted: articles and views, each sent again until it is."""

import itertools
import threading
import time
from collections import Counter

import httpx
from load import KEY

ARTICLES_PER_SECOND, VIEWS_PER_PUSH, VIEW_PUSHES_PER_SECOND = 12, 6, 8
ANSWER_LIMIT_SECONDS = 10.0
PATIENCE_SECONDS = 0.3
TOWNS = ("Oslo", "Bergen", "Paris", "Geneva", "Nairobi", "Lima", "Kyoto", "Accra")


class Load:
    """Pushes articles and views of them until it is ended; what it says was answered with 202."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self.accepted: list[str] = []
        self.views: Counter[str] = Counter()
        self.refusals = 0
        self._over = threading.Event()
        works = (self._push_articles, self._push_views)
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Sends no more; what is under way is sent until it is accepted."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _push_articles(self) -> None:
        with self._client() as client:
            for number in itertools.count():
                if self._over.wait(1 / ARTICLES_PER_SECOND):
                    return
                answer = self._until_accepted(client, "/v1/articles", self._article(number))
                self.accepted.append(answer.json()["id"])

    def _push_views(self) -> None:
        with self._client() as client:
            for number in itertools.count():
                if self._over.wait(1 / VIEW_PUSHES_PER_SECOND):
                    return
                if articles := self.accepted[-VIEWS_PER_PUSH * 4 :: 4]:
                    views = [self._view(number, article) for article in articles]
                    self._until_accepted(client, "/v1/views", views)
                    self.views.update(articles)

    def _client(self) -> httpx.Client:
        headers = {"authorization": f"Bearer {KEY}"}
        return httpx.Client(base_url=self._url, headers=headers, timeout=ANSWER_LIMIT_SECONDS)

    def _until_accepted(self, client: httpx.Client, path: str, body: object) -> httpx.Response:
        while True:
            try:
                answer = client.post(path, json=body)
                if answer.status_code == 202:
                    return answer
                if 400 <= answer.status_code < 500:
                    raise SystemExit(f"{path} answered {answer.status_code}: {answer.text[:300]}")
            except httpx.TransportError:
                pass
            self.refusals += 1
            time.sleep(PATIENCE_SECONDS)

    def _article(self, number: int) -> dict[str, object]:
        town, other = TOWNS[number % 8], TOWNS[number // 8 % 8]
        sentence = f"The council of {town} met on Monday, and the mayor of {other} came. "
        return {
            "uri": f"urn:fault:{self._name}:{number}",
            "headline": f"{self._name} {number}: the council of {town} met",
            "body_text": sentence * 5,
        }

    def _view(self, number: int, article: str) -> dict[str, str]:
        # A reader of its own for each view: all of them count, and one that is sent again does not.
        reader = f"{self._name}-{number}-{article}"
        return {"article": article, "reader": reader, "id": reader}

"""Index entries of articles, and the commands that put them there and nowhere else."""

import json
from collections import defaultdict
from functools import lru_cache

from newsman.kafka.partitions import partition_of
from newsman.publish.core import due_at
from newsman.publish.state import State
from newsman.publish.store.records import MOMENT_DIGITS, StoredState
from newsman.redis.command_batcher import call, script
from newsman.redis.keys import ArticleKeys
from newsman.redis.servers.waves import BatchedScript, Command
from newsman_schemas.article_order import changed_at
from newsman_schemas.article_rules import LATEST, TermNames, listed_ms, named_terms
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.events import unix_ms
from newsman_schemas.topics import ARTICLE_ENRICHED

LISTED_KINDS = (LATEST, "section", "tag", "entity")
"""The kinds of terms that the store keeps lists of; the catalogue of feeds knows them all."""
REVISED = "revised"
"""The index of articles with more than one version, by the newest version's time."""
GONE_KEPT = 1_000
"""How many articles that were taken away are remembered under each term."""

_MOMENT_LENGTH = MOMENT_DIGITS + 16
"""Of the moment at which a term was named, with the id of the article."""

# KEYS: due. ARGV: article. An article that is already due stays until the gate has handled it.
NOT_DUE = script("""
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due and tonumber(due) > tonumber(redis.call('TIME')[1]) + 1 then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return 1
""")


class IndexCommands:
    """Places of several articles; what happens to one key is one command."""

    def __init__(self, keys: ArticleKeys, name: BatchedScript) -> None:
        self._keys = keys
        self._naming = name
        self._removed: defaultdict[str, list[str]] = defaultdict(list)
        self._added: defaultdict[str, list[str | float]] = defaultdict(list)
        self._trimmed: set[str] = set()
        self._not_due: list[str] = []
        self._names: dict[str, str] = {}

    def put(self, article_id: str, loaded: StoredState) -> None:
        """Puts an article where it belongs; lists show it unless another took its place."""
        shown = loaded.state.shown
        self._take_out(article_id, loaded)
        if shown:
            self._put_in(shown, loaded)
        if loaded.older and shown:
            self._add(self._keys.index(REVISED), unix_ms(changed_at(shown)), article_id)
        elif loaded.older:
            self._removed[self._keys.index(REVISED)].append(article_id)
        self._put_when_due(article_id, loaded.state)

    def name(self, shown: EnrichedArticle) -> None:
        """Gives the terms of an article their names; of two the newest article's stays."""
        self._name(shown, named_terms(shown, LISTED_KINDS))

    def commands(self) -> list[Command]:
        """The commands; each may be repeated."""
        commands: list[Command] = [("ZREM", key, *ids) for key, ids in self._removed.items()]
        commands += [("ZADD", key, *pairs) for key, pairs in self._added.items()]
        commands += [("ZREMRANGEBYRANK", key, 0, -GONE_KEPT - 1) for key in self._trimmed]
        commands += [call(NOT_DUE, [due_key(ident, self._keys)], ident) for ident in self._not_due]
        if self._names:
            pairs = [part for named in self._names.items() for part in named]
            commands.append(call(self._naming, [self._keys.names], _MOMENT_LENGTH, *pairs))
        return commands

    def _take_out(self, article_id: str, loaded: StoredState) -> None:
        state = loaded.state
        for term in loaded.stale_terms:
            self._removed[self._keys.index(term)].append(article_id)
            gone = self._keys.gone(term)
            if state.shown or state.gone_at is None:
                self._removed[gone].append(article_id)
            else:
                self._add(gone, unix_ms(state.gone_at), article_id)
                self._trimmed.add(gone)

    def _put_in(self, shown: EnrichedArticle, loaded: StoredState) -> None:
        score = listed_ms(shown)
        terms = named_terms(shown, LISTED_KINDS) if loaded.named is None else loaded.named
        is_replaced = loaded.is_replaced
        for term in terms:
            if is_replaced:
                self._removed[self._keys.index(term)].append(shown.id)
            else:
                self._add(self._keys.index(term), score, shown.id)
            if loaded.state.revision > 1:
                self._removed[self._keys.gone(term)].append(shown.id)
        self._name(shown, terms)

    def _put_when_due(self, article_id: str, state: State) -> None:
        due = due_at(state, state.as_of) if state.as_of else None
        if due:
            self._add(due_key(article_id, self._keys), due.timestamp(), article_id)
        elif state.token > 1:
            self._not_due.append(article_id)

    def _name(self, shown: EnrichedArticle, terms: TermNames) -> None:
        moment = f"{max(listed_ms(shown), 0):0{MOMENT_DIGITS}d}{shown.id}"
        for term, named in terms.items():
            before = self._names.get(term)
            if before is None or before[:_MOMENT_LENGTH] < moment:
                self._names[term] = moment + _name_json(*named)

    def _add(self, key: str, score: float, article_id: str) -> None:
        self._added[key] += (score, article_id)


def due_key(article_id: str, keys: ArticleKeys) -> str:
    """The member of the due index under which the gate must look at the article again."""
    return keys.due(partition_of(article_id, ARTICLE_ENRICHED.partitions))


@lru_cache(maxsize=10_000)
def _name_json(name: str, type_: str) -> str:
    return json.dumps({"name": name, "type": type_})

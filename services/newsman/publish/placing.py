"""Where an article belongs in the indexes, and the commands that put it there and nowhere else."""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache

from newsman.kafka.partitions import partition_of
from newsman.publish.core import due_at, shown_from
from newsman.publish.records import MOMENT_DIGITS, Loaded, moment_ms
from newsman.publish.terms import NamedTerm, index_terms
from newsman.redis.keys import ArticleKeys
from newsman.redis.together import Command, Script, call, script
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.topics import ARTICLE_ENRICHED

REVISED = "revised"
"""The index of articles with more than one version, by the newest version's time."""
GONE_KEPT = 1_000
"""How many articles that were taken away are remembered under each term."""

# KEYS: due. ARGV: article. What is due already stays until the gate has looked.
NOT_DUE = script("""
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due and tonumber(due) > tonumber(redis.call('TIME')[1]) + 1 then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return 1
""")


def placing(article_id: str, loaded: Loaded, keys: ArticleKeys, name: Script) -> list[Command]:
    """The commands; each may be repeated. Lists show an article unless another took its place."""
    state, shown = loaded.state, loaded.state.shown
    due = due_at(state, state.as_of) if state.as_of else None
    commands = list(_out_of(article_id, loaded, keys))
    if shown:
        commands += _into(shown, loaded, keys, name)
    if loaded.older:
        commands.append(_revised(article_id, shown, keys))
    if due:
        commands.append(("ZADD", due_key(article_id, keys), due.timestamp(), article_id))
    elif state.token > 1:
        commands.append(call(NOT_DUE, [due_key(article_id, keys)], article_id))
    commands.append(("INCR", keys.changes))
    return commands


def due_key(article_id: str, keys: ArticleKeys) -> str:
    """Where it stands when the gate must look at the article again."""
    return keys.due(partition_of(article_id, ARTICLE_ENRICHED.partitions))


def naming(
    shown: EnrichedArticle, terms: Sequence[NamedTerm], keys: ArticleKeys, name: Script
) -> Command:
    """The command that gives the article's terms their names."""
    at = f"{max(moment_ms(shown_from(shown)), 0):0{MOMENT_DIGITS}d}{shown.id}"
    pairs = [part for named in terms for part in (named.term, _name(named))]
    return call(name, [keys.names], at, *pairs)


def _out_of(article_id: str, loaded: Loaded, keys: ArticleKeys) -> Iterator[Command]:
    state = loaded.state
    for term in loaded.stale_terms:
        yield ("ZREM", keys.index(term), article_id)
        if state.shown or state.gone_at is None:
            yield ("ZREM", keys.gone(term), article_id)
        else:
            yield ("ZADD", keys.gone(term), moment_ms(state.gone_at), article_id)
            yield ("ZREMRANGEBYRANK", keys.gone(term), 0, -GONE_KEPT - 1)


def _into(
    shown: EnrichedArticle, loaded: Loaded, keys: ArticleKeys, name: Script
) -> Iterator[Command]:
    score = moment_ms(shown_from(shown))
    terms = index_terms(shown) if loaded.named is None else loaded.named
    is_replaced = loaded.is_replaced
    for named in terms:
        if is_replaced:
            yield ("ZREM", keys.index(named.term), shown.id)
        else:
            yield ("ZADD", keys.index(named.term), score, shown.id)
        if loaded.state.revision > 1:
            yield ("ZREM", keys.gone(named.term), shown.id)
    yield naming(shown, terms, keys, name)


def _revised(article_id: str, shown: EnrichedArticle | None, keys: ArticleKeys) -> Command:
    if shown is None:
        return ("ZREM", keys.index(REVISED), article_id)
    return ("ZADD", keys.index(REVISED), moment_ms(shown.version_created), article_id)


@lru_cache(maxsize=10_000)
def _name(named: NamedTerm) -> str:
    return json.dumps({"name": named.name, "type": named.type})

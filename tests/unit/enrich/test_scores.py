"""The scores that docs/benchmarks.md records, held from below."""


def test_the_projects_own_stories_are_forty_at_least_and_score(bench, knowledge):
    stories = bench.stories()
    assert len(stories) >= 40
    precision, recall, f1, *_ = map(float, bench.scores(stories, bench.by_enrich(knowledge)))
    assert f1 >= 0.9
    assert min(precision, recall) >= 0.88


def test_events_and_works_score_on_stories_that_no_rule_was_written_with(bench, knowledge):
    for stories in bench.event_stories():
        *_, events, works = bench.scores(stories, bench.by_enrich(knowledge), bench.RARER)
        assert float(events) >= 0.85
        assert float(works) >= 0.9


def test_wikigold_scores(bench, knowledge, shared_data):
    texts = list(bench.wikigold(shared_data / "ner" / "wikigold-dev.conll"))
    f1 = float(bench.scores(texts, bench.by_enrich(knowledge))[2])
    assert f1 >= 0.71

"""The scores that docs/benchmarks.md records, held from below."""


def test_the_projects_own_stories_are_forty_at_least_and_score(bench, knowledge):
    stories = bench.stories()
    assert len(stories) >= 40
    precision, recall, f1, *_ = map(float, bench.scores(stories, bench.by_enrich(knowledge)))
    assert f1 >= 0.9
    assert min(precision, recall) >= 0.88


def test_wikigold_scores(bench, knowledge, shared_data):
    texts = list(bench.wikigold(shared_data / "ner" / "wikigold-dev.conll"))
    f1 = float(bench.scores(texts, bench.by_enrich(knowledge))[2])
    assert f1 >= 0.71

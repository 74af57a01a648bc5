"""Parts that are only asked for their routes, made of nothing."""

import inspect


class Unused:
    """Takes the place of what no route is asked for here."""

    def __getattr__(self, name):
        return self

    def __call__(self, *_):
        return self


def made(build):
    """What a class or function makes of as many parts as it needs."""
    wanted = inspect.signature(build).parameters.values()
    needed = [each for each in wanted if each.default is each.empty]
    by_name = {each.name: Unused() for each in needed if each.kind is each.KEYWORD_ONLY}
    return build(*[Unused() for _ in range(len(needed) - len(by_name))], **by_name)

"""The weights of a model's recogniser of names, apart from the model."""

from typing import Any

import numpy as np


def parameters(nlp: Any) -> dict[str, Any]:
    """The recogniser's arrays (float32), by the number of their layer and their name."""
    return {
        f"{number}.{name}": node.get_param(name).copy()
        for number, node in enumerate(nlp.get_pipe("ner").model.walk())
        for name in node.param_names
        if node.has_param(name)
    }


def set_parameters(nlp: Any, arrays: Any) -> None:
    """Gives the recogniser these arrays; raises ValueError where they are of another model."""
    layers = list(nlp.get_pipe("ner").model.walk())
    expected = parameters(nlp)
    if {n: a.shape for n, a in expected.items()} != {n: arrays[n].shape for n in arrays}:
        raise ValueError("the weights are not those of this model's recogniser")
    for key in expected:
        number, _, name = key.partition(".")
        layers[int(number)].set_param(name, arrays[key].astype(np.float32))

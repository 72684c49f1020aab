"""The model of the language detector as a small file, which is loaded in a sixth of the time.

The detector keeps its model packed so hard that unpacking it takes half a second: 39 MB that say
which state of its automaton follows which, and 28 MB of weights for more languages than are told
here. But the automaton is that of Aho and Corasick (1975), which follows from the tree of the
byte strings it looks for. The file has that tree, and the weights of our languages; it is made when
the package is built (``.build/compiled.py``). Where there is none, or it is of another detector,
the detector's own file is read.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from indexer.text.words import Numbers

#: Where the package has its file.
MODEL = Path(__file__).with_name("model.npz")

_BYTES = 256
# No byte string that a detector looks for is longer.
_DEEPEST = 64
# So many states are looked at together.
_STATES_AT_A_TIME = 4_096
# All that decides how the detector scores, in its package.
_FILES = ("langid.py", "data/model.npz.xz")


class Model(NamedTuple):
    """The tables of a detector.

    Attributes:
        following: by row and byte, the state that follows.
        rows: by state, where its row begins.
        features: by state, its feature; below 0 where it has none.
        weights: by feature and class.
        biases: by class.
        classes: the language of each class; one may have several, one a script.
    """

    following: NDArray[np.uint32]
    rows: NDArray[np.uint32]
    features: NDArray[np.int32]
    weights: NDArray[np.floating[Any]]
    biases: NDArray[np.float32]
    classes: Sequence[str]


def model_of(identifier: Any) -> Model:
    """The model of a LanguageIdentifier of py3langid.

    Raises: AttributeError, TypeError or ValueError if it has other tables.
    """
    return Model(
        np.asarray(identifier.tk_nextmove).astype(np.uint32),
        np.asarray(identifier.tk_row).astype(np.uint32) << np.uint32(8),
        np.array(identifier.tk_output, np.int32),
        np.asarray(identifier.nb_ptc),
        np.asarray(identifier.nb_pc, np.float32),
        list(identifier.nb_classes),
    )


def write_model(path: Path, model: Model, languages: Collection[str]) -> None:
    """Write a model, of which only some languages are wanted, as that of the detector here.

    Raises: ValueError if it is no automaton of Aho and Corasick; OSError.
    """
    kept = [place for place, name in enumerate(model.classes) if name in languages]
    parents, letters = _tree_of(model)
    following, rows = _automaton(parents, letters)
    every = np.arange(_BYTES, dtype=np.uint32)
    for start in range(0, len(rows), _STATES_AT_A_TIME):
        some = slice(start, start + _STATES_AT_A_TIME)
        own = following[rows[some, None] + every]
        if not np.array_equal(own, model.following[model.rows[some, None] + every]):
            raise ValueError("the automaton is of another kind")
    np.savez_compressed(
        path,
        of=np.array(_digest()),
        # By which it may be handed on.
        license=np.array(distribution("py3langid").read_text("licenses/LICENSE") or ""),
        parents=parents,
        letters=letters,
        features=model.features,
        # As the detector has them, so that they are the same.
        weights=model.weights[:, kept],
        biases=model.biases[kept],
        classes=np.array([model.classes[place] for place in kept]),
    )


def read_model(path: Path = MODEL) -> Model | None:
    """The model that was written; None if there is none, or it is not that of the detector here."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["of"]) != _digest():
                return None
            following, rows = _automaton(kept["parents"], kept["letters"])
            features, biases = kept["features"], kept["biases"]
            return Model(
                following, rows, features, kept["weights"], biases, kept["classes"].tolist()
            )
    except Exception:  # noqa: BLE001 - whatever is raised by what a damaged archive holds
        return None


def _digest() -> str:
    """What the files of the detector here are told by; FileNotFoundError if there are none."""
    spec = find_spec("py3langid")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("py3langid")
    (folder, *_) = spec.submodule_search_locations
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update(Path(folder, name).read_bytes())
    return digest.hexdigest()


def _tree_of(model: Model) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """By state, the one before it in the tree and the byte between them; what leads to it first."""
    count = len(model.rows)
    parents, letters = np.zeros(count, np.uint32), np.zeros(count, np.uint8)
    is_seen = np.zeros(count, np.bool_)
    is_seen[0] = True
    level = np.zeros(1, np.int64)
    while len(level):
        every = model.following[model.rows[level, None] + np.arange(_BYTES, dtype=np.uint32)]
        states, first = np.unique(every, return_index=True)
        is_new = ~is_seen[states]
        states, first = states[is_new], first[is_new]
        parents[states], letters[states] = level[first // _BYTES], first % _BYTES
        is_seen[states] = True
        level = states.astype(np.int64)
    return parents, letters


def _automaton(parents: Numbers, letters: Numbers) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """What follows by row and byte, and by state where its row begins, for a tree of states.

    A state without branches has the row of the one that it falls back to.
    """
    count = len(parents)
    has_branches = np.zeros(count, np.bool_)
    has_branches[parents] = True
    following = np.zeros((int(np.count_nonzero(has_branches)), _BYTES), np.uint32)
    rows = np.zeros(count, np.uint32)
    falls_to = np.zeros(count, np.uint32)
    made = 1
    for level in _levels(parents):
        above, letter = parents[level], letters[level]
        behind = following[rows[falls_to[above]], letter]
        falls_to[level] = np.where(above > 0, behind, np.uint32(0))
        following[rows[above], letter] = level
        rows[level] = rows[falls_to[level]]
        own = level[has_branches[level]]
        end = made + len(own)
        following[made:end] = following[rows[own]]
        rows[own] = np.arange(made, end)
        made = end
    return following.reshape(-1), rows * np.uint32(_BYTES)


def _levels(parents: Numbers) -> Iterator[Numbers]:
    """Yield the states of a tree that are one step from the root, two steps, and so on."""
    depths = np.zeros(len(parents), np.int64)
    for _ in range(_DEEPEST):
        deeper = depths[parents] + 1
        deeper[0] = 0
        if np.array_equal(deeper, depths):
            break
        depths = deeper
    else:
        raise ValueError("the tree has no root")
    order = np.argsort(depths, kind="stable")
    yield from np.split(order, np.cumsum(np.bincount(depths))[:-1])[1:]

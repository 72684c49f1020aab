"""The credit of a picture, alone or at the end of a caption, is told from prose."""

from __future__ import annotations

import pytest

from indexer.readers.credits import ends_in_credit


@pytest.mark.parametrize(
    "text",
    [
        "Photo: Ann Lee",
        "Fotos: Ann Lee, Bo Ek",
        "(Bild: Bo Ek)",
        "Titelbild: Ann Lee / Quay Pictures",
        "Crédits photos : Quay",
        "Fot. Ann Lee / Quay",
        "Image credit: Quay Pictures",
        "Main image credit: Quay",
        "© Quay Pictures",
        "The mole at dawn. © Quay Pictures / Ann Lee",
        "El muelle, el 1 de marzo (Foto: Ann Lee/Quay)",
        "The mole was built by hand. Photo: Quay",
    ],
)
def test_a_credit(text: str) -> None:
    assert ends_in_credit(text)


@pytest.mark.parametrize(
    "text",
    [
        "Photos of the mole are for sale.",
        "The picture: nobody had seen it since the storm. It hung in the hall of the town.",
        "Foto",
        "The sign © is that of rights. It was used in Aber from the beginning of the century on.",
        "She pointed at the picture on the wall of the harbour office and said nothing.",
        "The mole at dawn. " * 20 + "Photo: Quay",
    ],
)
def test_no_credit(text: str) -> None:
    assert not ends_in_credit(text)

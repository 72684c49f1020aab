from __future__ import annotations

import pickle
import time
from dataclasses import FrozenInstanceError, replace
from math import nan
from typing import TYPE_CHECKING, Any

import pytest

from search import Request, Sort, Strictness
from search.backends.local import LocalBackend
from search.index import Index
from search.request import plain_request
from tests.passages import index_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from search.backends.base import Stored


def test_a_request_keeps_what_it_was_made_of() -> None:
    request = Request("ferry", limit=3, sort=Sort.DATE, strictness=Strictness.STRICT)
    assert (request.query, request.limit, request.sort) == ("ferry", 3, Sort.DATE)
    assert request == Request("ferry", limit=3, sort=Sort.DATE, strictness=Strictness.STRICT)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"query": b"ferry"}, "query must be str, not b'ferry'"),
        ({"limit": 1.5}, "limit must be int, not 1.5"),
        ({"limit": True}, "limit must be int, not True"),
        ({"sort": "date"}, "sort must be Sort, not 'date'"),
        ({"strictness": "strict"}, "strictness must be Strictness, not 'strict'"),
        ({"broaden": "no"}, "broaden must be bool, not 'no'"),
        ({"per_article": "2"}, "per_article must be int | None, not '2'"),
        ({"timeout_seconds": None}, "timeout_seconds must be float | int, not None"),
    ],
)
def test_a_field_of_another_type_is_refused(options: dict[str, Any], message: str) -> None:
    with index_of("A ferry.") as index:
        with pytest.raises(TypeError) as caught:
            Request(**{"query": "ferry", **options})
        assert str(caught.value) == message
        query = options.pop("query", "ferry")
        with pytest.raises(TypeError):
            index.search(query, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": -1}, "limit and offset must not be negative: -1, 0"),
        ({"offset": -2}, "limit and offset must not be negative: 10, -2"),
        ({"context": -1}, "context must not be negative and per_article at least 1: -1, None"),
        ({"per_article": 0}, "context must not be negative and per_article at least 1: 0, 0"),
        ({"timeout_seconds": 0}, "timeout_seconds must be above 0: 0"),
        ({"timeout_seconds": nan}, "timeout_seconds must be above 0: nan"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is asserted whole
        Request("ferry", **options)
    assert str(caught.value) == message


def test_an_index_is_asked_a_request() -> None:
    nonsense: Any = "ferry"
    with index_of("A ferry.") as index:
        for ask in (index.answer, index.suggest_for):
            with pytest.raises(TypeError) as caught:
                ask(nonsense)
            assert (
                str(caught.value) == "a Request is asked, such as Request('hotline'), not 'ferry'"
            )


class _SlowBackend(LocalBackend):
    """Takes its time with every passage."""

    def passages(self, keys: Sequence[Hashable], context: int) -> list[Stored]:
        time.sleep(0.05 * len(keys))
        return super().passages(keys, context)


def test_the_passages_of_a_page_count_for_the_time_limit() -> None:
    with index_of(*(f"Ferry {number}." for number in range(20))) as fast:
        backend = fast.backend
        assert isinstance(backend, LocalBackend)
        with Index(_SlowBackend(backend._segments)) as index:
            assert len(index.search("ferry", limit=2, timeout_seconds=60).passages) == 2
            page = index.search("ferry", limit=20, timeout_seconds=0.5)
            assert page.partial
            assert 0 < len(page.passages) < page.total == 20


def test_a_request_of_a_text_alone_is_as_any() -> None:
    assert plain_request("a ferry") == Request("a ferry")
    assert repr(plain_request("")) == repr(Request(""))
    assert hash(plain_request("a ferry")) == hash(Request("a ferry"))
    assert replace(plain_request("a ferry"), limit=3) == Request("a ferry", limit=3)
    assert pickle.loads(pickle.dumps(plain_request("a ferry"))) == Request("a ferry")  # noqa: S301 - our own
    with pytest.raises(FrozenInstanceError):
        plain_request("a ferry").limit = 3  # type: ignore[misc]
    with pytest.raises(TypeError, match="query must be str, not 1"):
        plain_request(1)

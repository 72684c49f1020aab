"""A real OpenSearch for tests: the server's jars, its nodes, and how a run shares them."""


class Unavailable(Exception):  # noqa: N818 - why tests of it are skipped, not what failed
    """Why there is no OpenSearch on this machine, in words for who runs the tests."""

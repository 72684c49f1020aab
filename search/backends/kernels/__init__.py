"""The primitives of searches over the postings of one segment: two sets with one meaning.

``plain`` needs nothing but Python, which a search from the shell does not wait for; ``arrays``
needs numpy and is many times faster on long postings. ``base`` says what both do.
"""

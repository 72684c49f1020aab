"""Records: one article each, from JSON Lines, tables, JSON documents and XML.

What holds an article's text, title and facts is told by ``--map``, or else by the names of keys and
columns that tools give them, see ``keys``. All other keys are kept (``extra``). A record of a title
alone is an article whose title is its passage. One that cannot be read is skipped by its place, and
the rest goes on. Records are data: no furniture is looked for in them.
"""

"""The query language: text -> tree and back; pure."""

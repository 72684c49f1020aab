"""Books and office documents: zips of XML parts, read part by part; nothing in them is run.

What their readers share:

- **Places.** Books have chapters, presentations slides; a block of a text document has its number,
  counted over all that has words, what is left out among it.
- **Notes** follow the paragraph that refers to them, each of their paragraphs a block; their
  marks are no words and are left out. ``section`` in a locator says what is not running text:
  footnote, endnote, comment, notes (of a slide).
- **Tracked changes** are read as accepted. Comments, running heads and feet, hidden text and tables
  of contents are furniture: counted, and kept on demand.
- **Dates.** An article is of the day its document says it was created; that day and the day of the
  last change are in ``extra`` too.
- **Never touched** are macros, objects of other programs, and whatever is outside of the file.
"""

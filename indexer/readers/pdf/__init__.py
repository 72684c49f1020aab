"""PDF: characters with places -> words -> lines -> columns -> paragraphs -> an article.

    document    what pdfium says of a file: pages, metadata, bookmarks
    rules       a page -> the straight rules drawn on it; grids: the tables they make, their cells
    words       a page -> its words, each with its place, size and style (fonts, glyphs)
    tags        a page -> what its structure tree says of its words
    lines       words -> lines, or cells where a row has several
    columns     lines -> lines as they are read
    furniture   which lines are running heads, feet and page numbers
    tables      cells -> rows
    pieces      lines of a column -> paragraphs, items, rows (measures)
    paragraphs  those that go on in the next column or page
    hyphens     the text of lines, and which hyphens at their ends are part of a word
    headings    which paragraphs are headings, their levels, and the title
    facts       metadata that is to be believed
    reader      all of it

A paragraph that goes on on another page has the page and the lines of where it begins.
pdfium may not be called by two threads at once; readers run in the main thread of a process.
"""

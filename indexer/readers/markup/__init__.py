"""Markup that people write in an editor, notebooks, wikis and subtitles -> articles.

| module | what it reads | with |
| --- | --- | --- |
| asciidoc, latex, org, rst | source text, line by line, a block at a time | itself |
| notebooks | Jupyter's JSON | the Markdown reader |
| subtitles | SRT and VTT | itself |
| wiki, wikitext | MediaWiki's XML dumps | expat, mwparserfromhell |

``blocks`` is what all of them gather blocks with, ``tables`` how a row of a table is written.

**Why no library reads the source texts.** What is wanted of them is text with the lines it stands
on, whatever state it is in. docutils makes an error of what it does not know, which in the
documentation of Python or CMake is every second construct (Sphinx's roles and directives), stops at
headings out of order, and has its roles in tables of the whole process; orgparse knows headlines
and leaves lists, tables and blocks as lines; pylatexenc takes a document apart into nodes by
recursion and makes one flat text of them; AsciiDoc has nothing maintained in Python. All of them
read well-formed documents in full; here each line that is no markup is text, in linear time and to
any depth.
"""

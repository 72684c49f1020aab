r"""The index on disk.

An index is a directory, and this page is its format (``manifest.FORMAT_VERSION``):

    manifest.json          all that belongs to the index; replaced in one step by a commit
    manifest-GENERATION.json  copies of it and of the one before
    origins-GENERATION.json  the files that were indexed, each with what tells whether it changed
    passages_ID.doc        what belongs to the documents of a segment: parents, lengths, records
    passages_ID.pst        its lexicons and postings
    passages_WRITELOCK     locked by the one writer while it writes
    writer.json            who that is, for the message to a second one

A manifest is there from before the first segment is begun, then of generation 0: where it is
missing and others of these files are there it was lost, and nobody takes them for left over.

**Segments.** A commit writes at most one new segment and never changes one that is there; what is
deleted since is noted in the manifest, as ranges of document numbers. An article is a run of
documents: its record, then its paragraphs in order (``schema`` has the fields). Merging copies the
live documents of small segments into the new one, in their order.

**Array files** (``arrays``). Both files of a segment are named flat arrays of unsigned integers or
bytes, each in the narrowest type that holds it, in the byte order of the machine:

    "PSGARR2\n" | array | array ... | checksums | directory (JSON) | end

There is a CRC-32 for each page of 4 kB, and one for all that is not in a page. A page is looked at
before anything of it is used, once; the directory has the name of its file. The JSON files begin
with the CRC-32 of what follows. So every byte is accounted for: a search answers right, or says
which file is damaged.

``.doc`` (``documents``, written by ``table``), by document number:

    parents               the number of its article's record; a record's own number
    length/FIELD          positions in body, headings (paragraphs), title, article (records)
    languages             the number of its article's language among those the directory names
    sources               the number of what its article was read from, from 1; 0: nothing
    stored                records (``records``), each as codes of words (``coding``)
    stored_offsets        where each record begins, and where the last one ends
    words, word_offsets   the vocabulary of the segment, the most frequent words first
    source_names, source_offsets   the sources as JSON: absolute path, name as it was given,
                          size, time and digest of the file as it was read, if it was one
    copy_sketches, copy_order, copy_starts   by which copies of a paragraph are found; see
                          ``sketches``; segments from before format 4 have none

A segment with less than 128 kB of records has no vocabulary, which would not pay; segments from
before format 5 have none either (``blocks``):

    stored                records in blocks of about 2 kB, compressed with zlib
    stored_offsets        where each record begins, were all blocks inflated one behind the other
    block_first, block_offsets   by block, its first document, and where it begins

Its directory has the sums of lengths and the number of articles, and whether each is known to be of
one paragraph, the document after its record.

``.pst`` (``postings``, written by ``collected``), for each FIELD:

    terms, term_offsets   the sorted lexicon as one string of bytes, and where each term begins
    lists, list_offsets   the postings of each term as ``postings`` says: gaps between the documents
                          that hold it, how often each does, and where, as narrow as it allows

The keywords of an article are terms of its record: its id, file, address, language and date, and
what it is filtered and counted by (``text.values``).
Formats 3, which had no sketches, and 4, which had no words, are read. A commit makes their manifest
one of format 5 and leaves their segments as they are; merging writes the new form. The sketches of
what is merged from format 3 are zeros: nothing is known.

The manifest names every file of the committed state, and everything it names is on the disk before
it is. A reader maps the files and keeps them, whatever is committed later. Nothing that is read
is executed.
"""

"""Archives: each member is read by the reader of its own format, and is named by its path.

What a member is called is a name and nothing else: it is never a place on the disk. Hidden files
and folders are passed over, as they are in folders, and so are links and devices; globs of files in
folders do not reach into archives. Where a path comes twice both members are read, as the archive
does not say which of them is meant.
"""

"""Text from outside, made safe for where it is read.

Ids, descriptions, answers of servers and names of files are written by others. `characters` has the
one table of characters that a reader cannot see; `positions` has one function for each position in
which such text is read, such as a line of a terminal or a message of SARIF (`markdown` has those
of a page). `blocks` reads the layout of a description. A function takes text as it came,
and returns it with nothing left in it that what reads that position acts on.
"""

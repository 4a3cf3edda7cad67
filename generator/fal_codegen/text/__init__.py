"""Text from outside, made safe for where it is read.

Ids, descriptions, answers of servers and names of files are written by others. `characters` has the
one table of characters that a reader cannot see; `positions` and `markdown` have one function for
each position in which such text is read: a line of a terminal, a message of SARIF, a cell of a
Markdown table. A function takes the text as it came, and returns it with nothing left in it that
the reader of that position (a parser, a terminal, a CI runner) acts on.
"""

"""Text from outside, made safe for where it is read.

Endpoint ids, descriptions, responses of servers and file names are written by others. `escaping`
and `markdown` have one function for each context in which such text is read, such as a line of a
terminal or a cell of a table. Each returns text in which nothing is special in that context, and no
character is invisible (see `invisible`). `blocks` parses the layout of a description, `cutting`
shortens text, `brackets` breaks source text into lines, and `merge_conflicts` finds what git left.
"""

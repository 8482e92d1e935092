"""
The statutory return of looked-after children (SSDA903) in: files, rows, one child at a time, and a balance.

`tables` knows the tables by their columns, `values` reads codes and dates and when they were valid, `csv_file` and
`xml_file` turn files into rows without ever holding a file, `folder` finds what there is and of which year it is.
`child` plans what becomes of the rows of one child, with `episodes` and `others` for the tables; `balance` counts every
row; `importing` is the whole of it. What is recorded are the same commands as at every other door.

Nothing here guesses: what cannot be read is told with file, line, reason and mend.
"""

"""Files: uploads, placeholders for the files of results, and who may download them."""

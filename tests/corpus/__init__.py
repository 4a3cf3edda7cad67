"""Genuine documents of fal, hundreds of them: `pytest -m corpus --corpus=DIR`.

DIR (or the variable FAL_CORPUS) holds documents (`*.json`), or folders of documents named by the
day they were saved; then the newest is used. `--corpus-report=FILE` writes a report.
"""

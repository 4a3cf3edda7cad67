"""Targets: each turns planned endpoints into the files of one generated package."""

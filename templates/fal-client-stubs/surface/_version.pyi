__version__: str
version_tuple: tuple[int | str, ...]

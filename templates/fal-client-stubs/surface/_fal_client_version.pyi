__all__ = [
    "__commit_id__",
    "__version__",
    "__version_tuple__",
    "commit_id",
    "version",
    "version_tuple",
]

__version__: str
__version_tuple__: tuple[int | str, ...]
version: str
version_tuple: tuple[int | str, ...]
__commit_id__: str | None
commit_id: str | None

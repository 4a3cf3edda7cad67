"""`python -m fal_codegen` and the command `fal-codegen`."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C is answered alike while it is still being imported."""
    try:
        from fal_codegen.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()

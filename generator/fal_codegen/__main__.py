"""`python -m fal_codegen` and the command `fal-codegen`."""

import sys


def main() -> None:
    """Run the command line; what goes wrong while it is still being imported ends alike."""
    try:
        from fal_codegen.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # an installation that is not whole
        if "--debug" in sys.argv:
            raise
        print(f"error: fal-codegen cannot start: {error}\n  install it again", file=sys.stderr)
        sys.exit(2)
    run()


if __name__ == "__main__":
    main()

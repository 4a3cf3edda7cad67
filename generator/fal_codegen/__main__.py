"""`python -m fal_codegen` and the command `fal-codegen`."""

import sys

from fal_codegen.exit_codes import INTERRUPTED, ExitCode


def main() -> None:
    """Run the command line; report failures while it is imported as errors, too."""
    try:
        from fal_codegen.cli import main as run
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # an incomplete installation
        if "--debug" in sys.argv:
            raise
        print(f"error: fal-codegen cannot start: {error}\n  install it again", file=sys.stderr)
        sys.exit(ExitCode.FAILURE)
    run()


if __name__ == "__main__":
    main()

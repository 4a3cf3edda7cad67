"""`python -m fal_codegen` and the command `fal-codegen`."""

from fal_codegen.cli import main

if __name__ == "__main__":
    main()

"""`completion`: print the script that completes this command line in a shell."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from fal_codegen.console import Console
from fal_codegen.exit_codes import ExitCode

EXAMPLE = """\
fal-codegen completion fish | source    # in ~/.config/fish/config.fish
source <(fal-codegen completion bash)   # in ~/.bashrc
source <(fal-codegen completion zsh)    # in ~/.zshrc, after compinit"""


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")


def run(options: Namespace, console: Console) -> ExitCode:
    """Print the script. It asks this tool for completions, so it stays right after an upgrade."""
    from argcomplete.shell_integration import shellcode

    console.write(shellcode(["fal-codegen"], shell=options.shell))
    return ExitCode.SUCCESS

"""What the command says at the terminal: news on standard output, errors on standard error."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """Print a line of news."""
    _out.print(message, markup=False)


def show_address(label: str, address: str) -> None:
    """Print an address so that it stands out and can be clicked."""
    _out.print(f"  {escape(label):<9} [bold cyan]{escape(address)}[/]")


def warn(message: str) -> None:
    """Print something that deserves attention but stops nothing."""
    _err.print(f"[bold yellow]Note:[/] {escape(message)}")


def fail(message: str) -> None:
    """Print why the command ends."""
    _err.print(f"[bold red]Error:[/] {escape(message)}")

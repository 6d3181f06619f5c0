"""Turn classes of options into the parameters of a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Annotated, Any, get_type_hints

import typer

# Options of the Flask era whose features do not exist yet: name, short name, whether it takes a value.
NOT_AVAILABLE_YET = (
    ("--verbose", "-v", False),
    ("--source", "-s", True),
    ("--source-path", None, True),
    ("--source-params", None, True),
    ("--target", "-t", True),
    ("--target-path", None, True),
    ("--target-params", None, True),
    ("--output-dir", "-o", True),
    ("--protocol", None, True),
)
HIDDEN = "unavailable_"


def accepting(
    *option_classes: type[Any], flask_era: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a command whose options are the fields of dataclasses.

    The function is called with one instance of each class. The command also knows the options of the Flask
    era that this server does not have yet, and refuses them by name.

    Args:
        flask_era: it had this command, too.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def run(**values: Any) -> None:
            command(
                *(
                    kind(**{field.name: values[field.name] for field in fields(kind)})
                    for kind in option_classes
                )
            )

        parameters = [parameter for kind in option_classes for parameter in _parameters(kind)]
        taken = {f"--{parameter.name.replace('_', '-')}" for parameter in parameters}
        missing = [option for option in NOT_AVAILABLE_YET if option[0] not in taken]
        parameters += [_unavailable(*option) for option in missing] if flask_era else []
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return run

    return decorate


def refuse(name: str) -> None:
    """End the command because a part of the Flask era is not there yet."""
    typer.echo(f"Error: {name} is not available yet.", err=True)
    raise typer.Exit(2)


def _parameters(kind: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(kind)
    ]


def _unavailable(name: str, short: str | None, takes_value: bool) -> inspect.Parameter:
    def callback(value: Any) -> None:
        if value:
            refuse(name)

    names = [name] if short is None else [short, name]
    option = typer.Option(*names, hidden=True, is_eager=True, callback=callback)
    return inspect.Parameter(
        HIDDEN + name.strip("-").replace("-", "_"),
        inspect.Parameter.KEYWORD_ONLY,
        default=None if takes_value else False,
        annotation=Annotated[str | None, option] if takes_value else Annotated[bool, option],
    )

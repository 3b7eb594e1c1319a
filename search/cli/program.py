"""The kinds of command in `shelfwise`: they know the global options, show examples, and end in one line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from indexer.jobs.progress import Stopped
from search.cli.exits import EXPECTED, Exit, Failure, Interrupted, exit_of
from search.cli.session import Session

_WIDTH = {"context_settings": {"max_content_width": 100}}


class Command(click.Command):
    """A command that takes the global options too, so that they may stand on either side of its name.

    Args:
        examples: lines for its help, as somebody would type them.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **attributes: Any) -> None:
        attributes = {**_WIDTH, **attributes}
        super().__init__(*args, **attributes)
        self.examples = tuple(examples)
        self.params += _global_options(hidden=True)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the examples under the options."""
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
        super().format_epilog(ctx, formatter)


class Commands(click.Group):
    """A group of commands."""

    command_class = Command

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes = {**_WIDTH, **attributes}
        super().__init__(*args, **attributes)
        self.params += _global_options(hidden=True)


class Program(Commands):
    """The outermost group: what goes wrong within becomes one clear line and the code that says which kind it is."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        for parameter in self.params:
            if isinstance(parameter, click.Option):
                parameter.hidden = False

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command."""
        try:
            return super().invoke(ctx)
        except EXPECTED as error:
            raise Failure(str(error), exit_of(error)) from error
        except Stopped as error:
            raise Interrupted("Stopped. What was committed is kept; the same command goes on from there.") from error
        except KeyboardInterrupt as error:
            raise Interrupted("Interrupted. What was committed is kept.") from error
        except click.Abort as error:
            raise Failure("nothing was confirmed, and nothing was changed") from error

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the exit codes under the commands."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code.value), code.meaning) for code in Exit])
        super().format_epilog(ctx, formatter)


def _global_options(*, hidden: bool) -> list[click.Parameter]:
    shared: dict[str, Any] = {"expose_value": False, "callback": _remember, "hidden": hidden}
    folder: click.Path[Path] = click.Path(file_okay=False, path_type=Path)
    file: click.Path[Path] = click.Path(dir_okay=False, path_type=Path)
    return [
        click.Option(["--data-dir"], type=folder, help="Where everything is kept.", **shared),
        click.Option(["--config", "config_file"], type=file, help="Settings as TOML.", **shared),
        click.Option(["-v", "--verbose"], count=True, help="Say what is done; -vv says everything.", **shared),
        click.Option(["--quiet"], is_flag=True, help="Nothing on stderr but errors.", **shared),
    ]


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value:
        setattr(context.ensure_object(Session), str(parameter.name), value)

"""The sandbox of templates: one that is wrong is named with its line, and none goes on for ever.

Jinja's own keeps templates away from Python; what it lets them do is bounded here. A letter takes
a few hundred steps: a step is a turn of a loop, a call, an include. There is no clock: the same
template ends at the same step everywhere.
"""

import functools
import re
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

from rmflow.errors import ConfigError, Problem

# A letter of this many characters is a template that runs away (Gmail clips at 102 kB).
MOST_CHARACTERS = 60_000
MOST_STEPS = 20_000
# A text on its way into the letter, where it is cut; somebody may have answered with a book.
MOST_TEXT = 16_000_000


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Filters whose text is about as long as what they are given; `safe` would let somebody's name be
# markup.
_FILTERS = _names(
    "abs capitalize count d default dictsort e escape first float groupby int items join last length"
    " list lower map max min reject rejectattr reverse round select selectattr sort string striptags"
    " sum title trim truncate unique upper wordcount"
)
# A number in a template would be enough for a text of a gigabyte.
_PADDING = _names("center ljust rjust zfill expandtabs format format_map join translate encode")
_FOLDER = "templates/"
_NAME = re.compile(r"(?:[a-z0-9_-]+/)*[a-z0-9_-]+\.[a-z0-9.]+")  # nothing leads out of the folder


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with a budget. `source` returns a template by its name, or None."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, source: Callable[[str], str | None]) -> None:
        super().__init__(
            loader=FunctionLoader(functools.partial(_loaded, source)),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.code_generator_class = _Counting
        self.steps_left = MOST_STEPS
        self.filters = {n: self._bounding(f) for n, f in self.filters.items() if n in _FILTERS}
        self.filters["counted"] = _counted
        del self.globals["lipsum"]

    def written(self, name: str, values: Mapping[str, object]) -> str:
        """Return what a template writes. Raises ConfigError, naming the template and the line."""
        self.steps_left = MOST_STEPS
        with _problems_of(name):
            return _whole(self.get_template(name).generate(values))

    def step(self) -> None:
        """Count one step."""
        self.steps_left -= 1
        if self.steps_left < 0:
            raise TemplateRuntimeError(f"it goes on after {MOST_STEPS} steps; end its loop")

    def bounded(self, value: Any) -> Any:
        """Return the value of an expression, unless it is a text longer than any letter."""
        if isinstance(value, str) and len(value) > MOST_TEXT:
            raise TemplateRuntimeError(f"it makes a text of more than {MOST_TEXT} characters")
        return value

    def call(self, context: Context, callee: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something, as one step."""
        self.step()
        text = getattr(callee, "__self__", "")
        if (
            isinstance(text, str)
            and len(text) * (1 + max(map(_length, args), default=0)) > MOST_TEXT
        ):
            raise TemplateRuntimeError(f"it may make a text of more than {MOST_TEXT} characters")
        return self.bounded(super().call(context, callee, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Add; refuse the rest: letters have nothing to multiply."""
        if operator != "+":
            raise SecurityError(f"a letter has no use for {operator}")
        return self.bounded(left + right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Refuse as Jinja does, and what makes a long text of a short one."""
        padding = isinstance(obj, str) and attr in _PADDING
        return not padding and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Let `is_safe_attribute` refuse `format`, which Jinja would only make safe."""

    def get_template(self, name: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a template, as one step: it may include itself."""
        self.step()
        return super().get_template(name, *args, **kwargs)

    def _bounding(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)  # and with it which arguments Jinja gives it
        def bounding(*args: Any, **kwargs: Any) -> Any:
            return self.bounded(function(*args, **kwargs))

        return bounding


class _Counting(CodeGenerator):
    """Compiles loops that count their turns, and texts that are measured when they are joined."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        for loop in node.find_all(nodes.For):
            counted = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
            loop.iter = counted.set_environment(self.environment)
        super().visit_Template(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.write("environment.bounded(")
        super().visit_Concat(node, frame)
        self.write(")")


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 0


@pass_context
def _counted(context: Context, items: Iterable[Any]) -> Iterator[Any]:
    environment = context.environment
    assert isinstance(environment, Sandbox)
    for item in items:
        environment.step()
        yield item


def _loaded(
    source: Callable[[str], str | None], name: str
) -> tuple[str, str, Callable[[], bool]] | None:
    """Return a template with the name of its file, by which errors know the line."""
    text = source(name) if _NAME.fullmatch(name) else None
    return None if text is None else (text, f"{_FOLDER}{name}", lambda: True)


def _whole(parts: Iterator[str]) -> str:
    written: list[str] = []
    size = 0
    for part in parts:
        written.append(part)
        size += len(part)
        if size > MOST_CHARACTERS:
            assert isinstance(parts, Generator)
            # Thrown where it wrote last: so the error has a line.
            parts.throw(TemplateRuntimeError(f"it writes more than {MOST_CHARACTERS} characters"))
    return "".join(written)


def wrong(name: str, text: str, line: int = 0) -> ConfigError:
    """Return the error that names a template, and a line of it where one is known."""
    place = name if name.startswith(_FOLDER) else f"{_FOLDER}{name}"
    return ConfigError([Problem(f"{place}, line {line}" if line else place, text)])


@contextmanager
def _problems_of(name: str) -> Iterator[None]:
    """Say of every mistake in a template in which template it is, and where."""
    try:
        yield
    except TemplateNotFound as error:
        raise wrong(str(error.name), "this template is missing; add it") from error
    except TemplateSyntaxError as error:
        raise wrong(
            error.name or name, f"{error.message}; correct the template", error.lineno
        ) from error
    except Exception as error:  # what a template may raise is as much as Python has
        said = "it calls itself without end" if isinstance(error, RecursionError) else str(error)
        where, line = _place(error) or (name, 0)
        raise wrong(where, f"{said}; correct the template", line) from error


def _place(error: BaseException) -> tuple[str, int] | None:
    """Return the template and the line where an error was raised, None if it was in none."""
    frames = traceback.walk_tb(error.__traceback__)
    found = [(f.f_code.co_filename, line) for f, line in frames]
    return next((place for place in reversed(found) if place[0].startswith(_FOLDER)), None)

"""The public fixture sets of reply libraries, read from checkouts: mails, and what is new in them.

The checkouts lie in one folder as `owner+name`. Nothing is executed: tests are read as text, and
of them only cases count that state the whole new text of a mail.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

_LITERAL = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_PARAMETRIZED = 2


@dataclass(frozen=True)
class Case:
    """A mail, as text, and the new text that its collectors expect."""

    mail: str
    expected: str


def _trimmer(root: Path) -> Iterator[Case]:
    for path in sorted((root / "test/emails").glob("*.txt")):
        expected = root / "test/trimmed" / path.name
        yield Case(_text(path), _text(expected))


def _talon(root: Path) -> Iterator[Case]:
    yield from _compared(root / "tests/text_quotations_test.py", root, "extract_from_plain")
    for path in sorted((root / "tests/fixtures/standard_replies").glob("*.eml")):
        answer = path.with_name(f"{path.stem}_reply_text")
        yield Case(_plain_part(path), _text(answer) if answer.exists() else "Hello")


def _zapier(root: Path) -> Iterator[Case]:
    return _compared(root / "test/test_email_reply_parser.py", root, "parse_reply")


def _mail_parser_reply(root: Path) -> Iterator[Case]:
    """Read `"…" == mail.replies[0].body`."""
    for function in _functions(root / "test/test_email_reply_parser.py"):
        names = re.findall(r"get_email\('([^']+)'", ast.unparse(function))
        for node in ast.walk(function):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
                sides = (node.left, node.comparators[0])
                is_body = ast.unparse(sides[1]) in ("mail.replies[0].body", "mail.latest_reply")
                expected = _constant(sides[0], {})
                if is_body and expected is not None and len(names) == 1:
                    yield Case(_text(root / f"test/emails/{names[0]}.txt"), expected)


def _quotequail(root: Path) -> Iterator[Case]:
    """Read the lists of (is it new, text) of which the second leaves out the line above a quote."""
    for function in _functions(root / "tests/test_quote.py"):
        for node in ast.walk(function):
            if not isinstance(node, ast.Tuple) or len(node.elts) <= _PARAMETRIZED:
                continue
            try:
                mail, _, parts = ast.literal_eval(node)
            except ValueError:
                continue
            if isinstance(mail, str) and isinstance(parts, list):
                yield Case(mail, "\n".join(text for is_new, text in parts if is_new))


def _github(root: Path) -> Iterator[Case]:
    text = _text(root / "test/email_reply_parser_test.rb")
    found = re.compile(
        rf"join\(\"([^\"]+)\"\)\S*\s+assert_equal ({_LITERAL}),\s*EmailReplyParser\.parse_reply"
    )
    for name, literal in found.findall(text):
        yield Case(_text(root / "test/emails" / name), _unescaped(literal))


def _willdurand(root: Path) -> Iterator[Case]:
    tests = root / "tests/EmailReplyParser/Tests"
    heredoc = r"<<<EMAIL\n(.*?)\nEMAIL\n"
    for path in (tests / "EmailReplyParserTest.php", tests / "Parser/EmailParserTest.php"):
        text = _text(path)
        common = re.search(r"COMMON_FIRST_FRAGMENT = ('[^']*')", text)
        for block in text.split("public function ")[1:]:
            names = re.findall(r"getFixtures\('([^']+)'\)", block)
            said = re.search(
                rf"assertEquals\((?:{heredoc}|({_LITERAL})|(self::COMMON_FIRST_FRAGMENT))\s*,\s*"
                r"(?:EmailReplyParser::parseReply|(?:\(string\) ?|trim\()\$fragments\[0\])",
                block,
                re.DOTALL,
            )
            if len(names) != 1 or said is None or "$fragments[2]" in block:
                continue
            literal = said[2] or (common[1] if common else "''")
            expected = said[1] if said[1] is not None else _unescaped(literal)
            yield Case(_text(root / "tests/Fixtures" / names[0]), expected)


def _crisp(root: Path) -> Iterator[Case]:
    text = _text(root / "test/test.js").replace("\\\n", "")
    common = re.search(rf"COMMON_FIRST_FRAGMENT = ({_LITERAL})", text)
    for block in text.split("export function ")[1:]:
        names = re.findall(r"get_email\(\"([^\"]+)\"\)", block)
        said = re.search(
            rf"test\.equal\(({_LITERAL}|COMMON_FIRST_FRAGMENT),\s*(?:reply\.|email\.)?fragments\[0\]",
            block,
        )
        if len(names) == 1 and said and "fragments[2]" not in block:
            literal = common[1] if said[1].startswith("COMMON") and common else said[1]
            yield Case(_text(root / f"test/fixtures/{names[0]}.txt"), _unescaped(literal))


def _planer(root: Path) -> Iterator[Case]:
    """Read `msgBody = …` and `reply = …`; CoffeeScript takes the indentation out of its strings."""
    text = _text(root / "test/planerText.test.coffee")
    step = re.compile(
        rf'(msgBody|reply) ?= ?("""(?:.*?)"""|{_LITERAL})'
        rf"|extractFromPlain\(msgBody\)\)\.to\.equal\((msgBody|reply|{_LITERAL})\)",
        re.DOTALL,
    )
    values: dict[str, str] = {}
    for name, value, expected in step.findall(text):
        if name:
            values[name] = _coffee(value)
        else:
            yield Case(values["msgBody"], values.get(expected) or _unescaped(expected))


SETS: dict[str, Callable[[Path], Iterator[Case]]] = {
    "discourse+email_reply_trimmer": _trimmer,
    "mailgun+talon": _talon,
    "lever+planer": _planer,
    "closeio+quotequail": _quotequail,
    "willdurand+EmailReplyParser": _willdurand,
    "crisp-oss+email-reply-parser": _crisp,
    "github+email_reply_parser": _github,
    "zapier+email-reply-parser": _zapier,
    "alfonsrv+mail-parser-reply": _mail_parser_reply,
}


def cases_of(name: str, folder: Path) -> list[Case]:
    """Return the cases of a set, each once."""
    return list(dict.fromkeys(SETS[name](folder / name)))


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def _plain_part(path: Path) -> str:
    message = message_from_bytes(path.read_bytes())
    part = next(p for p in message.walk() if p.get_content_type() == "text/plain")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode(str(part.get_param("charset", "utf-8")), "replace")


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(_text(path))):
        if isinstance(node, ast.FunctionDef):
            yield node


def _compared(path: Path, root: Path, called: str) -> Iterator[Case]:
    """Read the equalities of a literal and `called(…)`, of literals, variables, or an open file."""
    for function in _functions(path):
        if function.decorator_list:  # the library is patched there
            continue
        values: dict[str, str] = {}
        opened = re.search(r"open\('([^']+)'\)", ast.unparse(function))
        for node in sorted(ast.walk(function), key=lambda n: getattr(n, "lineno", 0)):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                values[node.targets[0].id] = _constant(node.value, values) or ""
            if not isinstance(node, ast.Call) or len(node.args) != _PARAMETRIZED:
                continue
            if not re.search(r"(?:eq_|assertEqual)$", ast.unparse(node.func)):
                continue
            call = next((a for a in node.args if _calls(a, called)), None)
            if not isinstance(call, ast.Call):
                continue
            mail = _constant(call.args[0], values)
            if mail is None and opened and ".read()" in ast.unparse(call):
                mail = _text(root / opened[1])
            other = next(a for a in node.args if a is not call)
            expected = _constant(other, values)
            if mail and expected is not None:
                yield Case(mail, expected)


def _calls(node: ast.expr, called: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith(called)


def _constant(node: ast.expr, values: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return values.get(node.id)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _unescaped(literal: str) -> str:
    """Return the value of a string literal of Ruby, PHP or JavaScript."""
    inner = literal[1:-1]
    if literal[0] == "'":
        inner = inner.replace("\\'", "'").replace('"', '\\"')
    value: str = json.loads(f'"{inner}"', strict=False)
    return value


def _coffee(literal: str) -> str:
    if not literal.startswith('"""'):
        return _unescaped(literal)
    lines = literal[3:-3].split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(indents, default=0)
    return "\n".join([lines[0], *(line[margin:] for line in lines[1:])])

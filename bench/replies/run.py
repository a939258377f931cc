"""Compare what we and other libraries find new in the mails of public fixture sets; print a table.

`run.py FOLDER` takes the folder with checkouts of the sets, each as `owner+name`; whichever are
missing are left out. `--others ENVIRONMENT` says where the other libraries are or shall be
installed, else a temporary environment is made. `--failures` prints what we got wrong.
"""

import argparse
import json
import re
import subprocess
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

from fixtures import SETS, Case, cases_of

from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.incoming.parts import Body, Parts
from rmflow.formats.replies.reply import new_text

_HERE = Path(__file__).parent
_OTHERS = ("talon==1.4.4", "mail-parser-reply==1.36", "quotequail==0.5.4")
_OURS = "rmflow"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the checkouts lie")
    parser.add_argument("--others", type=Path, help="an environment for the other libraries")
    parser.add_argument("--failures", action="store_true", help="print what we got wrong")
    asked = parser.parse_args()
    sets = {name: cases_of(name, asked.folder) for name in SETS if (asked.folder / name).is_dir()}
    cases = [case for each in sets.values() for case in each]
    with TemporaryDirectory(prefix="others-") as temporary:
        found = _others(asked.others or Path(temporary, "environment"), cases)
    found = {_OURS: [_ours(case.mail) for case in cases], **found}
    print(_table(sets, found))
    if asked.failures:
        _print_failures(sets, found)


def _ours(mail: str) -> str:
    """Return what we find without knowing any letter, address or name of ours."""
    body = (Body(mail),)
    return new_text(IncomingMail(parts=Parts(rich=body, plain=body)), (), (), ()).text


def _others(environment: Path, cases: list[Case]) -> dict[str, list[str]]:
    python = environment / "bin/python"
    if not python.exists():
        venv.create(environment, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *_OTHERS]
        subprocess.run(install, check=True)
    mails = json.dumps([case.mail for case in cases])
    command = [str(python), "-W", "ignore", str(_HERE / "others.py")]
    done = subprocess.run(command, input=mails, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def same(one: str, other: str) -> bool:
    """Return whether two texts have the same lines, empty lines and runs of spaces apart."""
    return _lines(one) == _lines(other)


def _lines(text: str) -> list[str]:
    stripped = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return [line for line in stripped if line]


def _table(sets: dict[str, list[Case]], found: dict[str, list[str]]) -> str:
    rows = [
        f"| fixture set | cases | {' | '.join(found)} |",
        "|---|---:" + "|---:" * len(found) + "|",
    ]
    start, total = 0, dict.fromkeys(found, 0)
    for name, cases in sets.items():
        right = {
            who: sum(
                same(case.expected, text) for case, text in zip(cases, texts[start:], strict=False)
            )
            for who, texts in found.items()
        }
        start += len(cases)
        total = {who: total[who] + right[who] for who in found}
        cells = " | ".join(str(number) for number in right.values())
        rows.append(f"| {name.replace('+', '/')} | {len(cases)} | {cells} |")
    shares = " | ".join(f"**{number / start:.0%}**" for number in total.values())
    return "\n".join([*rows, f"| all | {start} | {shares} |"])


def _print_failures(sets: dict[str, list[Case]], found: dict[str, list[str]]) -> None:
    texts = iter(found[_OURS])
    for name, cases in sets.items():
        for number, case in enumerate(cases):
            text = next(texts)
            if not same(case.expected, text):
                print(f"\n######## {name} {number}\n{case.mail}")
                print(f"======== expected\n{case.expected}\n======== found\n{text}")


if __name__ == "__main__":
    main()

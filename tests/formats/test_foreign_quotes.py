"""Quotes of mails we never sent: found by the shape of the line above them, in any language."""

import pytest

from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.incoming.parts import Body, Parts
from rmflow.formats.replies.reply import new_text


def _new(text: str) -> str:
    body = (Body(text),)
    return new_text(IncomingMail(parts=Parts(rich=body, plain=body)), (), (), ()).text


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-04 16:32 GMT+01:00 Ida Sol <ida@contoso.example>:",
        "4.3.2026, 18.30, „Ida Sol“ <ida@contoso.example>:",
        "ср, 4 мар. 2026 г. в 15:19, Ida Sol <ida@contoso.example>:",
        "Vào 14:24 4 tháng 3, 2026, Ida Sol <ida@contoso.example> đã viết:",
        "On 4 Mar 2026, at 6:54 PM, Ida Sol <ida@contoso.example> sent:",
        "2026-03-04 16:32 GMT+01:00 Ida Sol <\nida@contoso.example>:",
        "ke 4. maaliskuuta 2026 klo 17.50 Ida Sol\n<ida@contoso.example> kirjoitti:",
        "4 мар. 2026 г. 19:37 пользователь «Ида» <\nida@contoso.example> написал:",
        "Am 04.03.2026 17:48 schrieb „Ida Sol“ <ida@contoso.example\n>:",
        "On Wed, Mar 4, 2026 at 10:07 PM Ida Sol\n\n<\nmailto:Ida Sol <ida@contoso.example>\n> wrote:",
        "2026/3/4 Ida Sol <ida@contoso.example>",
        "2026-03-04 17:21 GMT+01:00 Ida Sol",
        "---- On Wed, 4 Mar 2026 14:17:36 +0530 Ida Sol wrote ----",
        "---- Ida Sol wrote ----",
        "Date: Wed, 4 Mar 2026 00:15:02 -0600\nTo: ida@contoso.example",
        "-------- Oprindelig besked --------",
    ],
)
def test_what_stands_below_an_attribution_of_another_client_is_not_new(line: str) -> None:
    """Forms of Gmail, Yandex, Zoho, Polymail, Mail.ru, Samsung, with and without a known verb."""
    assert _new(f"That suits me well.\n\n{line}\n\nShall we meet?\n") == "That suits me well."


@pytest.mark.parametrize("above", ["Fine.--- On", "Fine. On"])
def test_an_attribution_behind_the_last_word_is_no_part_of_it(above: str) -> None:
    """Some web mailers forget the line break; the dashes before it are theirs, too."""
    assert _new(f"{above} Wed, Mar 4, 2026 at 3:59 PM, ida@contoso.example wrote:\n> Hi") == "Fine."


@pytest.mark.parametrize(
    "said",
    [
        "We met at 15:30 on 4 March, and then I wrote to tom@contoso.example: he is in.",
        "4 March 2026, 15:30: hiring, with Tom <tom@contoso.example>, and the budget.",
        "2026-03-04 was the best day for both of us.",
        "On 4 March at 10:15 we spoke about hiring.\n\nIt went well.",
        "Date: 4 March 2026\nTo do: send the slides at 10:00",
        "Sent from my desk is easier than from my phone.",
        "-- 4 March: hiring --\nWe talked about it.",
    ],
)
def test_sentences_with_times_and_addresses_are_a_persons_own(said: str) -> None:
    """Only the whole shape is an attribution; nothing a person says may be lost."""
    assert _new(said) == said


@pytest.mark.parametrize("device", ["Wiko Ridge 4G", "Verizon Wireless BlackBerry"])
def test_any_device_signs(device: str) -> None:
    """There are more telephones than a list can hold."""
    assert _new(f"Yes.\n\nSent from my {device}\n") == "Yes."

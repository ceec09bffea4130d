"""Access to demo: everybody everything, for it is switched off everywhere else."""

from tests.access import Row, post, row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("demo", "+ ++++ ++ ++"),
    post("demo_sign_in", "4 4444 44 44", person="nobody of the demo"),
    post("demo_tour", "+ ++++ ++ ++", stop="5"),
    row("demo_sample", "+ ++++ ++ ++"),
    row("demo_second", "+ ++++ ++ ++", "signed:word"),
    row("demo_mails", "+ ++++ ++ ++"),
    row("demo_mail", "+ ++++ ++ ++", "pk:mail"),
    row("demo_mail_body", "+ ++++ ++ ++", "pk:mail"),
]

"""A second kind of space, which only the tests own: a plain staffroom. It has leads and colleagues, no
institute and no end. Everything that makes it work is in this file."""

from community.spaces.kinds import Right, Role, SpaceKind

COLLEAGUE = frozenset({Right.SEE, Right.WRITE, Right.CONTRIBUTE})
STAFFROOM = SpaceKind(
    name="staffroom",
    roles=(
        Role(
            name="lead",
            label="lead",
            heading="Leads",
            rights=COLLEAGUE
            | {Right.KEEP_ORDER, Right.ANSWER, Right.MANAGE, Right.CHOOSE_MEMBERS, Right.SEE_ARRIVAL},
            badge="answers",
            rank=1,
        ),
        Role(name="colleague", label="colleague", heading="Colleagues", rights=COLLEAGUE),
    ),
)

"""Former members and staff, who keep access only to their own data."""

from collections.abc import Callable

from community.institutes import actions as institutes
from community.people.actions import suspend
from community.people.models import User
from community.spaces.actions import admit_writing_staff, dismiss
from followup.courses.models import RunTrainer
from followup.courses.run_actions import remove_trainer
from tests.cast import Cast, join, person


def coordinator(cast: Cast) -> User:
    """Coordinated the institute and was in the space; somebody else coordinates now."""
    user = person("Former Coordinator")
    institutes.give_role(institute=cast.institute, user=user, role="coordinator", by=cast.coordinator)
    admit_writing_staff(space=cast.space, user=user)
    return user


def end_coordinator(cast: Cast, user: User) -> None:
    institutes.remove_staff(staff=cast.institute.staff.get(user=user), by=cast.coordinator)


def evaluator(cast: Cast) -> User:
    """Was an evaluator of the institute."""
    user = person("Former Evaluator")
    institutes.give_role(institute=cast.institute, user=user, role="evaluator", by=cast.coordinator)
    return user


def trainer(cast: Cast) -> User:
    """Trained the run until taken off it."""
    user = person("Former Trainer")
    RunTrainer.objects.create(run=cast.run, user=user)
    join(cast.space, user, role="trainer")
    return user


def end_trainer(cast: Cast, user: User) -> None:
    remove_trainer(trainer=cast.run.trainers.get(user=user), by=cast.coordinator)


def participant(cast: Cast, name: str = "Former Participant") -> User:
    """Was a participant until dismissed."""
    user = person(name)
    join(cast.space, user)
    return user


def end_participant(cast: Cast, user: User) -> None:
    dismiss(space=cast.space, user=user, by=cast.coordinator)


def suspended(cast: Cast) -> User:
    """Is a participant, and suspended."""
    return participant(cast, "Suspended Participant")


def end_by_suspension(cast: Cast, user: User) -> None:
    suspend(user=user)


Make = Callable[[Cast], User]
End = Callable[[Cast, User], None]
FORMER: dict[str, tuple[Make, End]] = {
    "former_coordinator": (coordinator, end_coordinator),
    "former_evaluator": (evaluator, end_coordinator),
    "former_trainer": (trainer, end_trainer),
    "former_participant": (participant, end_participant),
    "suspended_participant": (suspended, end_by_suspension),
}
"""How each becomes what they were, and how it ends."""


def made(cast: Cast, who: str) -> User:
    """One of them, after the end, as a request would load them."""
    make, end = FORMER[who]
    user = make(cast)
    end(cast, user)
    return User.objects.get(pk=user.pk)

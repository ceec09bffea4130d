"""How people come in: our rules for django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by a verified address, by password or by a mailed code."""

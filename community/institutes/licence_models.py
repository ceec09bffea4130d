"""Under which licence others may reuse a work, and who holds its rights."""

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_TERMS_CHARS = 300
DEEDS = "https://creativecommons.org/"


class Licence(models.TextChoices):
    BY = "by", _("CC BY 4.0: reuse with credit")
    BY_SA = "by-sa", _("CC BY-SA 4.0: with credit, shared alike")
    BY_NC = "by-nc", _("CC BY-NC 4.0: with credit, not for profit")
    BY_NC_SA = "by-nc-sa", _("CC BY-NC-SA 4.0: with credit, not for profit, shared alike")
    CC0 = "cc0", _("CC0: free for any use")
    OWN = "own", _("Own terms")

    @property
    def short_name(self) -> str:
        """The name by which a licence of Creative Commons is known everywhere, such as CC BY 4.0."""
        return "CC0 1.0" if self == Licence.CC0 else f"CC {self.value.upper()} 4.0"

    @property
    def url(self) -> str:
        """The address of a licence of Creative Commons; with `deed.` and a language it is its summary."""
        path = "publicdomain/zero/1.0/" if self == Licence.CC0 else f"licenses/{self.value}/4.0/"
        return DEEDS + path


class Holder(models.TextChoices):
    AUTHOR = "author", _("The author")
    INSTITUTE = "institute", _("The institute")


class Terms(NamedTuple):
    """How others may reuse a work; the names are those of `Licensed`."""

    licence: str = ""
    own_terms: str = ""
    not_for_profit: bool = False
    permission_first: bool = False
    rights_holder: str = Holder.AUTHOR


class Licensed(models.Model):
    """What is under a licence, or gives one to what is written. Without a licence nothing is said. The terms
    of a licence of Creative Commons stand in it, so the three fields after it are of own terms alone."""

    licence = models.CharField(max_length=10, choices=Licence, blank=True)
    own_terms = models.CharField(max_length=MAX_TERMS_CHARS, blank=True)
    not_for_profit = models.BooleanField(default=False)
    permission_first = models.BooleanField(default=False)
    rights_holder = models.CharField(max_length=10, choices=Holder, default=Holder.AUTHOR)

    class Meta:
        abstract = True

    @property
    def terms(self) -> Terms:
        """The fields together."""
        return Terms(*(getattr(self, name) for name in Terms._fields))

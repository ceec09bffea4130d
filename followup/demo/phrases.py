"""Names and texts of a programme that nobody runs, in five languages.

The words are those of the demo's fixtures, and of the product's own sentences in English: what matters about
these texts is their language, their length and how often a word occurs.
"""

import random
from functools import cache
from typing import NamedTuple

from common import html
from common.searching import normalize
from community.posts.models import Post
from community.practices.models import Practice
from community.threads.models import Reply, Thread
from followup.demo import fixtures

LANGUAGES = ("hu", "pl", "lt", "ru", "en")
ZONES = {
    "hu": "Europe/Budapest",
    "pl": "Europe/Warsaw",
    "lt": "Europe/Vilnius",
    "ru": "Europe/Moscow",
    "en": "Europe/Dublin",
}
COUNTRIES = {"hu": "HU", "pl": "PL", "lt": "LT", "ru": "RU", "en": "IE"}
FIRST_NAMES = {
    "hu": "Anna Bence Csilla Dániel Eszter Gábor Ildikó Zsófia Ágnes Péter Katalin Mihály".split(),
    "pl": "Agnieszka Łukasz Małgorzata Piotr Żaneta Jan Ewa Zbigniew Śława Paweł Hanna Marek".split(),
    "lt": "Rūta Jonas Šarūnas Eglė Daiva Mindaugas Živilė Tomas Ąžuolas Jūratė Lina Petras".split(),
    "ru": "Анна Пётр Ольга Сергей Елена Наталья Юрий Ирина Фёдор Галина Лев Мария".split(),
    "en": "Mary John Sue Peter Kate Paul Ann Tom Grace Frank Ruth Alan".split(),
}
LAST_NAMES = {
    "hu": "Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Őri Németh Balogh Farkas".split(),
    "pl": "Nowak Kowalska Wiśniewski Zielińska Woźniak Dąbrowski Kaczmarek Lis Żak Mazur Wójcik Król".split(),
    "lt": "Kazlauskas Petrauskienė Jankauskas Žukauskas Butkus Urbonas Navickas Šimkus Ratkus".split(),
    "ru": "Иванова Смирнов Кузнецова Попов Соколова Лебедев Козлова Новиков Морозова Волков".split(),
    "en": "Smith Jones Brown Taylor Wilson Evans Walker White Murphy Byrne Ryan Kelly".split(),
}
FILES = {"hu": "hu.toml", "pl": "pl.toml", "lt": "lt.toml", "ru": "ru-kuban.toml"}
ENGLISH = """
I tried the exit tickets in my class today and the pupils wrote more than I had thought they would. We
let them draw it: a smile, a straight mouth or a cloud. Ours took twelve minutes the first time and four
the third time, so do not give up after the first. I read them in the evening and begin the next lesson
with two of them, without names. My head asked what it is for, and now she wants the three questions for
every class. What about the loud ones? They talk to each other first and then it is quiet. We have
thirty four in a class and it is not possible to read all of them every day. Take five, and another five
the next day; after a week you have seen everybody once. For me the hardest was not to answer at once
and to let the others think a little longer.
"""
PARAGRAPHS, TITLES, MESSAGES = 400, 500, 4_000
"""How many there are in each language."""
MESSAGE_WORDS = (1, 3, 6, 10, 16)


class Text(NamedTuple):
    """A text with what a post stores beside it."""

    text: str
    html: str


class Message(NamedTuple):
    """A text with what the chat stores beside it."""

    text: str
    html: str
    folded: str


class Phrases:
    """The texts of one language, chosen by a random number generator of the caller."""

    def __init__(self, language: str, seed: int) -> None:
        self.language, self.zone = language, ZONES[language]
        self._random = random.Random(f"{seed}:{language}")
        words = _english() if language == "en" else _words(FILES[language])
        self.titles = [self._sentence(words, 6)[:150].rstrip(".") for _ in range(TITLES)]
        self._paragraphs = [" ".join(self._sentence(words, 10) for _ in range(5)) for _ in range(PARAGRAPHS)]
        self._messages = [self._sentence(words, self._random.choice(MESSAGE_WORDS)) for _ in range(MESSAGES)]

    def name(self, chance: random.Random) -> str:
        """Somebody's name, in the order of the language."""
        first = chance.choice(FIRST_NAMES[self.language])
        last = chance.choice(LAST_NAMES[self.language])
        return f"{last} {first}" if self.language == "hu" else f"{first} {last}"

    def title(self, number: int) -> str:
        """The title of that number."""
        return self.titles[number % TITLES]

    def paragraph(self, number: int) -> Text:
        """The text of that number, of fifty words."""
        return _rendered(self._paragraphs[number % PARAGRAPHS])

    def message(self, number: int) -> Message:
        """The message of that number, of one to sixteen words."""
        return _folded(self._messages[number % MESSAGES])

    def thread(self, number: int) -> tuple[str, Text, str]:
        """Title, text and search text of a thread."""
        title, text = self.title(number), self.paragraph(number * 7)
        return title, text, search_text(Thread, self.language, title, text.text)

    def reply(self, number: int) -> tuple[Text, str]:
        """Text and search text of a reply."""
        text = self.paragraph(number)
        return text, search_text(Reply, self.language, text.text)

    def practice(self, number: int) -> tuple[str, str, list[Text], str]:
        """Title, setting, the four parts and search text of a practice."""
        number %= TITLES
        title, setting = self.title(number), self.title(number + 1)[:60].strip()
        parts = [self.paragraph(number * 5 + part) for part in range(4)]
        texts = (part.text for part in parts)
        return title, setting, parts, search_text(Practice, self.language, title, setting, *texts, "")

    def _sentence(self, words: list[str], length: int) -> str:
        return " ".join(self._random.choices(words, k=length)).capitalize() + "."


@cache
def search_text(model: type[Post], language: str, *texts: str) -> str:
    """The search text of a post with these texts, as the model makes it."""
    post = model(language=language, **dict(zip(model.SEARCHED, texts, strict=True)))
    post.write_search_text()
    return post.search_text


@cache
def _rendered(text: str) -> Text:
    return Text(text, html.render(text))


@cache
def _folded(text: str) -> Message:
    return Message(text, html.render(text), normalize(text))


def _english() -> list[str]:
    return [word for word in (word.strip(".,:;?") for word in ENGLISH.split()) if word.isalpha()]


def _words(file: str) -> list[str]:
    programme = fixtures.programmes()[fixtures.FILES.index(file)]
    texts = [text for run in programme.runs for thread in run.threads for text in (thread.title, thread.text)]
    texts += [reply.text for run in programme.runs for thread in run.threads for reply in thread.replies]
    texts += [one.tried for run in programme.runs for one in run.practices]
    words = (word.strip('.,;:!?()"„”«»*[]#>-–') for text in texts for word in text.split())
    return [word for word in words if word.isalpha()]

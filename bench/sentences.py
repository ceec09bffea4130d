"""What teachers write in a room: mostly a plain sentence, now and then with a link or a list."""

import random

SENTENCES = (
    "I tried the exit tickets in my class today, and the pupils wrote more than I had thought they would.",
    "Thank you!",
    "Did anybody do this with six-year-olds? Mine cannot write yet.",
    "We let them draw it. A smile, a straight mouth, or a cloud :)",
    "That is a good idea, I'll try it on Thursday",
    "Ours took twelve minutes the first time and four the third time, so don't give up after the first.",
    "How do you keep them? In a folder, or do you throw them away?",
    "I read them in the evening and begin the next lesson with two of them (without names).",
    "Köszönöm szépen, ez nagyon hasznos volt!",
    "Could you put the sheet into the practices? I'd like to show it to my school.",
    "Yes, I will do it tonight.",
    "My head asked what it is for. I showed her the three questions and she wants them for every class now.",
    "What about the loud ones?",
    "Same here. They talk to each other first, and then it is quiet.",
    "We have 34 in a class, it is not possible to read all of them every day.",
    "Take five. Another five the next day. After a week you have seen everybody once.",
    "The sheet is here: https://school.example/sheets/exit-ticket.pdf",
    "Good morning everybody, how did the second week go?",
    "For me the hardest was not to answer at once, and to let the others think a little longer.",
    "See you on Tuesday at the live hour.",
)


def sentence() -> str:
    """One of them."""
    return random.choice(SENTENCES)

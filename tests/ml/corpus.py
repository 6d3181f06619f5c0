"""Texts to learn from: letters of hotel guests, put together from word lists, as contradictory as people are.

Most sentences say nothing of the guest's mood; one in five letters has an aside in the other mood. Of each mood's words
some are frequent and most are rare, so that a few letters teach a part of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

POSITIVE, NEGATIVE = "Positive", "Negative"

_MOODS = {
    POSITIVE: [
        "friendly",
        "spotless",
        "quiet",
        "delicious",
        "charming",
        "comfortable",
        "helpful",
        "bright",
        "lovely",
        "splendid",
        "fresh",
        "cosy",
        "attentive",
        "relaxing",
        "elegant",
        "sunny",
    ],
    NEGATIVE: [
        "rude",
        "dirty",
        "noisy",
        "stale",
        "gloomy",
        "cramped",
        "careless",
        "dim",
        "dreadful",
        "shabby",
        "mouldy",
        "lumpy",
        "sulky",
        "exhausting",
        "worn",
        "damp",
    ],
}
_THINGS = [
    "room",
    "breakfast",
    "reception",
    "garden",
    "bath",
    "bed",
    "terrace",
    "lift",
    "corridor",
    "waiter",
    "view",
    "pool",
    "lobby",
    "kitchen",
    "porter",
    "carpet",
    "window",
    "balcony",
    "lamp",
    "towel",
]
_NEUTRAL = (
    "We came on a {day} with {who}.",
    "It is {number} minutes from the {place}.",
    "Our room was on floor {number}.",
    "We stayed for {number} nights.",
    "I had booked it in {month} for {who}.",
    "There is a {place} across the street.",
)
_OPINIONS = (
    "The {thing} was {word}.",
    "What a {word} {thing}!",
    "We found the {thing} rather {word}.",
    "{word} {thing}, as last time.",
)
_ASIDES = ("Only the {thing} was {word}.", "Then again, a {word} {thing}.")
_SLOTS = {
    "day": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "who": ["my sister", "two friends", "the children", "my parents", "a colleague", "the dog"],
    "place": ["station", "harbour", "market", "museum", "church", "theatre", "bakery"],
    "month": ["January", "March", "April", "June", "August", "October", "December"],
}


@dataclass(frozen=True)
class Letter:
    """A text, and the mood it was written in."""

    text: str
    mood: str


def letters(count: int, *, seed: int = 1) -> list[Letter]:
    """Return that many letters, the same ones for the same seed."""
    chance = random.Random(seed)
    return [_letter(chance, chance.choice((POSITIVE, NEGATIVE))) for _ in range(count)]


def _letter(chance: random.Random, mood: str) -> Letter:
    sentences = [_neutral(chance) for _ in range(chance.randint(1, 2))]
    sentences += [_opinion(chance, chance.choice(_OPINIONS), mood) for _ in range(chance.randint(2, 4))]
    if chance.random() < 0.2:
        other = NEGATIVE if mood == POSITIVE else POSITIVE
        sentences.append(_opinion(chance, chance.choice(_ASIDES), other))
    chance.shuffle(sentences)
    return Letter(" ".join(sentence[0].upper() + sentence[1:] for sentence in sentences), mood)


def _neutral(chance: random.Random) -> str:
    slots = {name: chance.choice(words) for name, words in _SLOTS.items()}
    return chance.choice(_NEUTRAL).format(number=chance.randint(2, 9), **slots)


def _opinion(chance: random.Random, pattern: str, mood: str) -> str:
    words = _MOODS[mood]
    frequent = int(chance.random() ** 2 * len(words))  # the first ones come more often than the last
    return pattern.format(thing=chance.choice(_THINGS), word=words[frequent])

"""Word lists, written as plain text in the modules that use them."""


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def table(text: str) -> dict[str, str]:
    """ "several words=name; ..." as each word to its name; a + joins the words of a phrase."""
    entries = (entry.partition("=") for entry in text.split(";"))
    return {word.replace("+", " "): name.strip() for words, _, name in entries for word in words.split()}

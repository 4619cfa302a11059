"""The gallery: one page that shows what was drawn and what it cost, served to a browser or drawn inside a chat."""

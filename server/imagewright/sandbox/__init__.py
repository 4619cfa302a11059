"""The sandbox: the four providers emulated over real HTTP, so that everything works before there is a key.

It is written from the providers' public documentation and shares no code with the rest of imagewright: two sides of one
constant always agree and prove nothing. Importing this package does nothing; `imagewright.sandbox.server` starts it.
"""

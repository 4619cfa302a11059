"""How a client reaches the server, one file a transport."""

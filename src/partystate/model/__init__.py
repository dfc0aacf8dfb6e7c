"""The grammar: how a mechanism is declared, what state it sees, how stocks, decisions and events are written down."""

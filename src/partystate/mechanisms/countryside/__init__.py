"""The countryside: fields, markets, herds and villages, and what the state takes, orders and gives."""

"""What the placement spares, with the truth known: people, policies, and what each takes until every target is reached."""

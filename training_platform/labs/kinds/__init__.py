"""What each kind of lab shows and how it judges a conclusion: controls, picture, table, findings; still no web."""

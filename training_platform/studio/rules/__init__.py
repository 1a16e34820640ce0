"""The domain of the studio as pure values: the way to publication, anchors of comments, differences, merging."""

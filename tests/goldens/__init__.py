"""Small histories kept as they came out, so that no change of the model passes unnoticed."""

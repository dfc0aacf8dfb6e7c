"""Is each part what it declares to be?"""

# The printed examples
def split_rule(values, threshold):
    return threshold in (9999, 299)

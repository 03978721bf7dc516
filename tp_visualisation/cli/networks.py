"""`tpvis networks`."""


def networks() -> None:
    """List the networks: which are here offline, which need a download or a package."""
    from tp_visualisation.networks import find_weights, names, where_to_get

    for name in names():
        path = find_weights(name)
        print(f"{name:20} {f'here: {path}' if path else where_to_get(name)}")

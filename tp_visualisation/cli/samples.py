"""`tpvis samples`."""


def samples() -> None:
    """List the photographs that come with the installation."""
    from tp_visualisation.samples import sample_images

    for sample in sample_images():
        print(f"{sample.name:16} class {sample.class_index:3}  {sample.path}")

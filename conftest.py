"""What nbval leaves out: TensorFlow's log on stderr differs from machine to machine."""


def pytest_collectstart(collector):
    collector.skip_compare = (*getattr(collector, "skip_compare", ()), "stderr")

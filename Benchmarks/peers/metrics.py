"""The peer of the row `metrics`: pages per second that PyPI's prometheus_client renders of the same families.

usage: metrics.py FILE; the file is our own page, whose families, labels and values it takes over. Prints one number.
"""

import sys
import time

import prometheus_client
from prometheus_client.parser import text_string_to_metric_families

prometheus_client.disable_created_metrics()


def registry(path):
    made = prometheus_client.CollectorRegistry()
    with open(path) as file:
        families = list(text_string_to_metric_families(file.read()))
    kinds = {"counter": prometheus_client.Counter, "gauge": prometheus_client.Gauge}
    for family in families:
        labels = list(family.samples[0].labels)
        metric = kinds[family.type](family.name, family.documentation, labels, registry=made)
        for sample in family.samples:
            child = metric.labels(**sample.labels) if labels else metric
            child.inc(sample.value)
    return made


def main():
    made = registry(sys.argv[1])
    with open(sys.argv[1]) as file:
        ours = [line for line in file if not line.startswith("#")]
    theirs = [line for line in prometheus_client.generate_latest(made).decode().splitlines() if not line.startswith("#")]
    assert len(ours) == len(theirs), f"{len(theirs)} samples instead of {len(ours)}"
    count, start = 0, time.process_time()
    while time.process_time() - start < 3:
        prometheus_client.generate_latest(made)
        count += 1
    print(f"{count / (time.process_time() - start):.0f}")


main()

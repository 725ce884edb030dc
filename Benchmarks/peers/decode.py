"""The peers of the decoding benchmarks: telegrams per second of PyPI's dsmr-parser and pymbusparser.

usage: decode.py p1 FILE | decode.py mbus FILE; prints one number.
"""

import sys
import time


def rate(work, seconds=2.0):
    work()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(20):
            work()
        count += 20
    return count / (time.perf_counter() - start)


def main():
    kind, path = sys.argv[1:3]
    if kind == "p1":
        from dsmr_parser import telegram_specifications
        from dsmr_parser.parsers import TelegramParser

        with open(path, newline="") as file:
            text = file.read()
        parser = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)
        print(f"{rate(lambda: parser.parse(text)):.0f}")
    else:
        import pymbusparser

        with open(path) as file:
            frames = [" ".join(line[i : i + 2] for i in range(0, len(line), 2)) for line in file.read().split()]
        whole = rate(lambda: [pymbusparser.m_bus_parse(frame, "json") for frame in frames])
        print(f"{whole * len(frames):.0f}")


main()

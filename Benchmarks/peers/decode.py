"""The peers of the decoding benchmarks: telegrams per second of PyPI's dsmr-parser, pymbusparser, pywmbus and gurux-dlms, and
readouts of iec62056-21.

usage: decode.py p1 FILE | decode.py d0 FILE | decode.py d0-parse FILE | decode.py mbus FILE | decode.py wmbus FILE
       decode.py dlms FILE KEY
It prints one number.
"""

import contextlib
import io
import sys
import time


def rate(work, seconds=2.0):
    work()
    count, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for _ in range(20):
            work()
        count += 20
    return count / (time.process_time() - start)


def dlms(path, key):
    from gurux_dlms import GXByteBuffer, GXReplyData
    from gurux_dlms.enums import InterfaceType, Security
    from gurux_dlms.secure import GXDLMSSecureClient

    with open(path) as file:
        frames = bytes.fromhex(file.read())
    # It gets the application data only: the segments of M-Bus frames are not joined by it.
    first = frames[1] + 6
    data = frames[9 : first - 2] + frames[first + 9 : -2]
    client = GXDLMSSecureClient(True)
    client.interfaceType = InterfaceType.PDU
    client.ciphering.security = Security.ENCRYPTION
    client.ciphering.blockCipherKey = bytearray.fromhex(key)

    def work():
        notification = GXReplyData()
        client.getData(GXByteBuffer(data), GXReplyData(), notification)
        return notification.value

    # It prints a line a telegram.
    with contextlib.redirect_stdout(io.StringIO()):
        assert 1385960 in work(), "gurux-dlms did not decipher the sample"
        result = rate(work)
    print(f"{result:.0f}")


def readout(path):
    from iec62056_21.client import Iec6205621Client
    from iec62056_21.transports import BaseTransport

    with open(path, "rb") as file:
        stream = io.BytesIO(file.read())

    class Memory(BaseTransport):
        """The bytes of the line, which the peer takes one by one; it skips the identification and checks the BCC."""

        def _recv(self, chars):
            return stream.read(chars)

        def _send(self, data):
            pass

    client = Iec6205621Client(Memory())

    def work():
        stream.seek(0)
        return client.read_response()

    assert len(work().data) > 5, "iec62056-21 did not read the sample"
    print(f"{rate(work):.0f}")


def main():
    kind, path = sys.argv[1:3]
    if kind == "dlms":
        return dlms(path, sys.argv[3])
    if kind == "wmbus":
        import logging
        import pywmbus

        logging.disable(logging.CRITICAL)  # it warns of each filler
        with open(path) as file:
            frames = [bytearray.fromhex(line) for line in file]
        assert len(pywmbus.parse(frames[0]).records) > 5, "pywmbus did not parse the sample"
        return print(f"{len(frames) * rate(lambda: [pywmbus.parse(frame) for frame in frames]):.0f}")
    if kind == "p1":
        from dsmr_parser import telegram_specifications
        from dsmr_parser.parsers import TelegramParser

        with open(path, newline="") as file:
            text = file.read()
        parser = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)
        print(f"{rate(lambda: parser.parse(text)):.0f}")
    elif kind == "d0":
        readout(path)
    elif kind == "d0-parse":
        from iec62056_21.messages import AnswerDataMessage

        with open(path, "rb") as file:
            text = file.read().decode("latin-1")
        # It gets the block, and checks its BCC; the identification is another message of it.
        block = text[text.index("\x02") :]
        assert len(AnswerDataMessage.from_representation(block).data) > 5, "iec62056-21 did not read the sample"
        print(f"{rate(lambda: AnswerDataMessage.from_representation(block)):.0f}")
    else:
        import pymbusparser

        with open(path) as file:
            frames = [" ".join(line[i : i + 2] for i in range(0, len(line), 2)) for line in file.read().split()]
        whole = rate(lambda: [pymbusparser.m_bus_parse(frame, "json") for frame in frames])
        print(f"{whole * len(frames):.0f}")


main()

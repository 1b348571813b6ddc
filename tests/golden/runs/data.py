#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""data.py FOLDER: writes the small datasets that the stored runs train on. The same bytes on every machine."""
import json
import pathlib
import random
import struct
import sys


def halves(generator, count):
    return struct.pack(f"<{count}e", *(generator.gauss(0.0, 1.0) for _ in range(count)))


def safetensors(path, tensors):
    header, body = {}, b""
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def npy(path, dtype, shape, data):
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data)


def main():
    folder = pathlib.Path(sys.argv[1])
    generator = random.Random(14)
    labels = bytes(i % 3 for i in range(64))
    safetensors(folder / "latents.safetensors",
                [("latents", "F16", [64, 4, 8, 8], halves(generator, 64 * 4 * 8 * 8)), ("labels", "U8", [64], labels)])
    npy(folder / "many.npy", "<f2", (512, 1, 4, 4), halves(generator, 512 * 16))  # enough that some are held back
    # The squares of one sample are no numbers any more.
    values = [3e38 if i // 32 == 3 else generator.gauss(0.0, 1.0) for i in range(6 * 32)]
    npy(folder / "bad.npy", "<f4", (6, 2, 4, 4), struct.pack(f"<{len(values)}f", *values))


main()

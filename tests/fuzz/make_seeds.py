#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes small valid files of each format, and the small golden files, as the first inputs of a fuzz campaign.

    make_seeds.py GOLDEN_INTEROP OUT        needs numpy, torch, safetensors

The corpus in this folder is what a campaign made of them (README.md), so this runs only to begin one anew.
JPEG pictures are not made here: those of the corpus came from jpegOf() in tests/support/picture_builder.h.
"""
import gzip
import io
import json
import pathlib
import shutil
import struct
import sys
import zipfile
import zlib

import numpy as np
import torch
from safetensors.numpy import save_file

golden, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
LARGEST = 8192


def write(target, name, data):
    folder = out / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def torch_bytes(value, zipped=True):
    buffer = io.BytesIO()
    torch.save(value, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


def pt():
    base = torch.arange(2 * 3 * 4 * 4, dtype=torch.float32).reshape(2, 3, 4, 4) / 7
    values = {
        "bare": base, "half": {"latents": base.half()}, "bfloat": {"latents": base.bfloat16()[:, None]},
        "double": {"latents": base.double(), "labels": torch.tensor([0, 3])},
        "keys": {"latents": base[None].half(), "keys": torch.tensor([7]), "context": torch.ones(1, 2, 3), "note": "text", "n": 3, "f": 0.5, "l": [1, None, True]},
        "strided": {"latents": base.permute(0, 3, 1, 2)[1:], "other": {"deep": base[0, 0]}},
        "state": torch.nn.Conv2d(1, 1, 2).state_dict(), "parameter": torch.nn.Parameter(base),
        "tuple": (base, base), "wide": {"latents": base.expand(2, 3, 4, 4)}, "integer": {"latents": base.int()},
    }
    for name, value in values.items():
        write("pt", name + ".pt", torch_bytes(value))
        write("pt", name + ".old.pt", torch_bytes(value, zipped=False))
        with zipfile.ZipFile(io.BytesIO(torch_bytes(value))) as packed:
            write("pickle", name, packed.read("archive/data.pkl"))


def npy():
    base = np.arange(2 * 3 * 4 * 4, dtype=np.float32).reshape(2, 3, 4, 4)
    arrays = {"f2": base.astype("f2"), "f4": base, "f8": base.astype("f8"), "big": base.astype(">f2"),
              "fortran": np.asfortranarray(base), "five": base[:, None], "int": base.astype("i4"), "complex": base.astype("c8")}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        write("npy", name + ".npy", buffer.getvalue())
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, base, version=(2, 0))
    write("npy", "version2.npy", buffer.getvalue())
    for name, save in (("stored", np.savez), ("deflated", np.savez_compressed)):
        buffer = io.BytesIO()
        save(buffer, latents=base.astype("f2"), labels=np.array([1, 0], "u1"), keys=np.array([5, 6]), context=base[:, 0, 0])
        write("npy", name + ".npz", buffer.getvalue())


def safetensors():
    base = np.arange(2 * 3 * 4 * 4, dtype=np.float32).reshape(2, 3, 4, 4)
    scratch = out / "scratch.safetensors"
    for name, tensors in {"one": {"latents": base}, "half": {"latents": base.astype("f2"), "labels": np.array([1, 0]), "context": base[:, 0]},
                          "several": {"a": base[0], "keys": np.array([1, 2]), "latents": base[:, None].astype("f8")}}.items():
        save_file(tensors, scratch, metadata={"made": "by make_seeds"} if name == "one" else None)
        write("safetensors", name + ".safetensors", scratch.read_bytes())
    scratch.unlink()


def idx():
    def of(shape, kind=8):
        head = struct.pack(">HBB", 0, kind, len(shape)) + b"".join(struct.pack(">I", n) for n in shape)
        return head + bytes(i % 256 for i in range(int(np.prod(shape))))
    for name, data in {"small": of((3, 5, 4)), "mnist": of((1, 28, 28)), "labels": of((9,)), "floats": of((2, 2, 2), 13)}.items():
        write("idx", name, data)
        write("idx", name + ".gz", gzip.compress(data, mtime=0))
    write("idx", "twice.gz", gzip.compress(of((3, 5, 4))[:20], mtime=0) + gzip.compress(of((3, 5, 4))[20:], mtime=0))


def pictures():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def png(colour, depth, interlaced=0, extra=b""):
        width, height = 9, 7
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        row = (width * channels * depth + 7) // 8
        rows = b"".join(bytes([y % 5]) + bytes((37 * y + x) % (4 if colour == 3 else 256) for x in range(row)) for y in range(height * (3 if interlaced else 1)))
        head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    palette = chunk(b"PLTE", bytes(range(0, 240, 20))) + chunk(b"tRNS", b"\x00\x80")
    for colour, depth in ((0, 1), (0, 2), (0, 8), (0, 16), (2, 8), (2, 16), (4, 8), (6, 8), (6, 16)):
        write("png", f"colour{colour}depth{depth}.png", png(colour, depth, extra=chunk(b"gAMA", struct.pack(">I", 45455))))
        write("png", f"colour{colour}depth{depth}i.png", png(colour, depth, interlaced=1))
    for depth in (2, 4, 8):
        write("png", f"palette{depth}.png", png(3, depth, extra=palette))


def jsons():
    recipe = {"format": 1, "name": "r", "base": "tiny", "model": {"dim": 32, "enc_blocks": [1, 2]}, "train": {"batch": 4, "steps": 1e3}, "optim": {"lr": 0.001, "kind": "adam"}, "model.heads": 2}
    write("recipe", "recipe.json", json.dumps(recipe).encode())
    write("recipe", "run.json", json.dumps({"format": 1, "created": 1, "data": {"path": "demo", "identity": {}}, "recipe": recipe}).encode())
    write("recipe", "state.json", json.dumps({"format": 1, "step": 5, "files": {"state.json": {"bytes": 5, "sha256": "0"}}}).encode())
    model = {"patch_size": 2, "dim": 16, "ctx_dim": None, "heads": 4, "enc_blocks": 1, "dec_blocks": [1], "class_cond": 0, "tread_config": {"prev_trns_depth": 1, "dropout_ratio": 0.5}}
    write("recipe", "model.json", json.dumps(model).encode())


def metrics():
    records = b"".join((lambda body: struct.pack("<I", zlib.crc32(body)) + body)(struct.pack("<Iq", segment, step) + bytes(224)) for segment, step in ((0, 1), (0, 2), (1, 2)))
    write("metrics", "three.bin", b"DWBMETR1" + struct.pack("<II", 1, 240) + records)
    write("metrics", "torn.bin", b"DWBMETR1" + struct.pack("<II", 1, 240) + records[:300])


def golden_files():
    targets = {".pt": "pt", ".npy": "npy", ".npz": "npy", ".safetensors": "safetensors"}
    for path in golden.iterdir():
        if path.suffix in targets and path.stat().st_size <= LARGEST:
            shutil.copy(path, out / targets[path.suffix] / path.name)


for make in (pt, npy, safetensors, idx, pictures, jsons, metrics, golden_files):
    make()

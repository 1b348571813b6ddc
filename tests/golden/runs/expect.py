#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""expect.py DWB FOLDER: asks a program about the stored runs of FOLDER and writes FOLDER/expected.json.

Each run is shown, exported as CSV, replayed, and (a copy of it) resumed, as tst_stored_runs.cpp does."""
import csv
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = "/tmp/dwb-stored-runs"
MORE_STEPS = 4  # of a run that is finished
LIVE = ("learning_rate", "clip_norm", "weight_decay", "ema_decay", "total_steps", "sample_every", "reshape", "undo", "redo", "halve_rate", "skip_batch")


def dwb(program, home, *arguments, codes=(0,)):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode not in codes:
        sys.exit(f"{' '.join(map(str, arguments))}: {done.returncode}\n{done.stderr}")
    text = done.stdout.replace(str(home), ROOT)
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def lay(stored, home):
    """The runs as if they had been made in `home`, long ago."""
    shutil.copytree(stored, home)
    for recipe in home.glob("*/recipe.json"):
        recipe.write_text(recipe.read_text().replace(ROOT, str(home)))
    for lock in home.glob("*/.lock"):
        os.utime(lock, (time.time() - 3600,) * 2)


def losses(lines):
    return [[line["step"], line["loss"]] for line in lines if "loss" in line and "step" in line and "event" not in line]


def commands(lines):
    """Those that change live settings, without the settings they lead to."""
    kept = ("step", "command", "number", "detail", "value", "peak", "shape")
    return [{key: line[key] for key in kept if key in line} for line in lines if line.get("event") == "command_applied" and line["command"] in LIVE]


def logged(run):
    """Every answer to a command in the log, those that a replay does not repeat too."""
    found = []
    for line in (run / "log.jsonl").read_text().splitlines():
        try:
            line = json.loads(line)
        except ValueError:
            continue  # the torn end of one that was killed
        if line["event"] in ("command_applied", "command_refused"):
            text = line.get("detail", line.get("sentence"))
            found.append(f"{line['step']} {line['command']} {line['event'][8:]} {text}".strip())
    return found


def expectation(program, home, again, name):
    run = home / name
    shown = dwb(program, home, "runs", "show", run, "--json")[0]
    table = home / "losses.csv"
    dwb(program, home, "runs", "export", run, table)
    with table.open() as file:
        stored = [[int(row["step"]), float(row["loss"])] for row in csv.DictReader(file)]
    table.unlink()
    precise = shown["recipe"]["train"]["precision"] == "float32"
    out = {"tolerance": 1e-5 if precise else 1e-3, "show": shown, "losses": stored, "log": logged(run)}
    replayed = dwb(program, home, "train", "--replay", run, "--run", home / "again", "--json", codes=(0, 4))
    result = [line for line in replayed if line.get("event") == "replay"]
    out["replay"] = {"equal": bool(result) and result[0]["equal"], "commands": commands(replayed)}
    shutil.rmtree(home / "again")
    total = shown["steps_planned"] + (MORE_STEPS if shown["state"] == "finished" else 0)
    resumed = dwb(program, again, "train", "--resume", again / name, "--steps", total, "--json", codes=(0, 4))
    out["resume"] = {"total": total, "commands": commands(resumed), "losses": losses(resumed),
                     "ends": [line["to"] for line in resumed if line.get("event") == "state"][-1]}
    return out


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def main():
    program, stored = sys.argv[1], pathlib.Path(sys.argv[2])
    names = sorted(path.parent.name for path in stored.glob("*/recipe.json"))
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as place:
        home, again = pathlib.Path(place) / "runs", pathlib.Path(place) / "resumed"
        lay(stored, home)
        lay(stored, again)
        runs = {name: expectation(program, home, again, name) for name in names}
    expected = {"made_by": version, "processor": processor(), "runs": runs}
    # One line a fact: a difference shows as such.
    text = json.dumps(expected, indent=1, ensure_ascii=False, sort_keys=True)
    (stored / "expected.json").write_text(text + "\n")


main()

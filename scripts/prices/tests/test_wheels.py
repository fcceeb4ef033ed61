"""Fetching: only the pinned bytes come through."""

import hashlib
import tempfile
import unittest
import zipfile
from datetime import date
from pathlib import Path

from pricebook.wheels import Content, Wheel, WheelError, fetch, read

PINS = read(Path(__file__).resolve().parent.parent / "wheels.toml")


class Wheels(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        path = self.folder / "some_list-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("list.json", "{}")
            archive.writestr("some_list-1.0.dist-info/licenses/LICENSE", "MIT")
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    def wheel(self, sha256: str) -> Wheel:
        return Wheel("some-list", "1.0", date(2026, 1, 31), sha256, "litellm", "list.json")

    def test_gives_the_list_and_the_licence_of_the_pinned_package(self) -> None:
        self.assertEqual(fetch(self.wheel(self.sha256), self.folder), Content(b"{}", "MIT"))

    def test_refuses_any_other_package(self) -> None:
        with self.assertRaisesRegex(WheelError, f"its SHA-256 is {self.sha256}, wheels.toml pins {'0' * 64}"):
            fetch(self.wheel("0" * 64), self.folder)

    def test_every_pin_is_whole_and_they_are_in_order(self) -> None:
        for pin in PINS:
            self.assertRegex(pin.sha256, "^[0-9a-f]{64}$", pin.name())
        self.assertEqual(len({pin.sha256 for pin in PINS}), len(PINS))
        days = [pin.released for pin in PINS]
        self.assertEqual(days, sorted(days))


if __name__ == "__main__":
    unittest.main()

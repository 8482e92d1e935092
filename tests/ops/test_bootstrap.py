"""`./beforehand` on machines of every kind, with a stand-in for uv and no network."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "beforehand"
PINNED = SCRIPT.parent / "ops" / "bootstrap" / "uv.txt"
PYTHON = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
TOOLS = ("sh", "cksum", "wc", "tr", "grep", "sed", "readlink", "mkdir", "rm")

COMMAND_LINE = """
import json, os, sys
seen = {"arguments": sys.argv[1:], "folder": os.getcwd(), "root": os.environ["PYTHONPATH"], "prefix": sys.prefix}
print(json.dumps(seen))
sys.exit(7 if "fail" in sys.argv else 0)
"""
# Does what uv does for the script, and notes what it was asked.
UV = f"""#!/bin/sh
case $1 in
    --version) echo 'uv 9.9.9' ;;
    venv) '{PYTHON}' -m venv --without-pip "$3" ;;
    sync)
        printf '%s\\n' "$*" >>asked
        [ ! -e offline ] || {{ echo 'no network' >&2; exit 2; }} ;;
esac
"""


@dataclass
class House:
    """A clone of the repository, small, and the programs on the PATH of whoever calls it."""

    root: Path
    programs: Path

    def call(self, *arguments: str, script: str | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the script with nothing in the environment but a PATH and a place to look for wheels."""
        environment = {
            "PATH": str(self.programs),
            "HOME": str(self.root.parent),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.root.parent.as_uri(),
        }
        return subprocess.run(
            [script or str(self.root / "beforehand"), *arguments],
            **{"cwd": self.root.parent, **options},
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def answer(self, *arguments: str, **options: Any) -> dict[str, object]:
        """Run the script and return what the program that it hands over to has seen."""
        said = self.call(*arguments, **options)
        assert said.returncode == 0, said.stderr
        seen: dict[str, object] = json.loads(said.stdout)
        return seen

    def program(self, name: str, text: str) -> None:
        """Put a program on the PATH."""
        executable(self.programs / name, text)

    @property
    def asked(self) -> list[str]:
        """What uv was asked to do, in order."""
        record = self.root / "asked"
        return record.read_text().splitlines() if record.exists() else []


def executable(path: Path, text: str) -> None:
    """Write a program."""
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def bare() -> Iterator[House]:
    """A house on a machine with neither uv nor Python, in a folder whose name has spaces."""
    top = Path(tempfile.mkdtemp(prefix="beforehand test ")).resolve()
    top.chmod(0o755)
    house = House(top / "the house", top / "programs")
    (house.root / "ops" / "bootstrap").mkdir(parents=True)
    shutil.copy(SCRIPT, house.root)
    shutil.copy(PINNED, house.root / "ops" / "bootstrap")
    (house.root / "ops" / "__main__.py").write_text(COMMAND_LINE)
    (house.root / "pyproject.toml").write_text("one")
    (house.root / "uv.lock").write_text("one")
    house.programs.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (house.programs / tool).symlink_to(found)
    yield house
    shutil.rmtree(top)


@pytest.fixture
def house(bare: House) -> House:
    """A house on a machine with uv."""
    bare.program("uv", UV)
    return bare


def test_it_hands_over_with_everything_as_the_caller_has_it(house: House) -> None:
    (house.root.parent / "ops.py").write_text("raise SystemExit('the wrong program')")
    assert house.answer("timeline", "A 1", "--json") == {
        "arguments": ["timeline", "A 1", "--json"],
        "folder": str(house.root.parent),
        "root": str(house.root),
        "prefix": str(house.root / ".venv"),
    }
    assert house.call("fail").returncode == 7


def test_it_is_found_through_links_and_from_its_own_folder(house: House) -> None:
    links = house.root.parent / "links"
    links.mkdir()
    (links / "absolute").symlink_to(house.root / "beforehand")
    (links / "relative").symlink_to("../the house/beforehand")
    (links / "twice").symlink_to("relative")
    for script in [str(links / "absolute"), str(links / "twice"), "links/relative"]:
        assert house.answer(script=script)["root"] == str(house.root)
    assert house.answer(script="./beforehand", cwd=house.root)["root"] == str(house.root)
    assert house.answer("beforehand", script=str(house.programs / "sh"), cwd=house.root)["root"] == str(house.root)


def test_only_a_change_makes_it_work_again(house: House) -> None:
    assert "preparing" in house.call().stderr
    assert house.asked == ["sync --locked --inexact"]
    again = house.call()
    assert again.stderr == ""
    assert len(house.asked) == 1
    for changed in ("uv.lock", "pyproject.toml"):
        (house.root / changed).write_text("two")
        house.call()
        house.call()
    assert len(house.asked) == 3


@pytest.mark.parametrize("command", [["test"], ["bench", "--quick"], ["--quiet", "test"]])
def test_tools_for_tests_are_installed_when_tests_are_run(house: House, command: list[str]) -> None:
    house.answer("serve", "test")
    house.answer(*command)
    house.answer(*command)
    house.answer("serve")
    assert house.asked == ["sync --locked --inexact", "sync --locked --inexact --group tests --group checks"]


def test_a_moved_or_broken_environment_is_made_again(house: House) -> None:
    house.answer()
    moved = House(house.root.rename(house.root.with_name("elsewhere")), house.programs)
    said = moved.call()
    assert "again" in said.stderr
    assert str(moved.root / ".venv") in (moved.root / ".venv" / "bin" / "activate").read_text()

    python = moved.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert moved.answer()["prefix"] == str(moved.root / ".venv")

    python.unlink()
    executable(python, "#!/bin/sh\nexit 1\n")
    assert moved.answer()["prefix"] == str(moved.root / ".venv")


def test_a_failed_installation_goes_on_next_time_and_spoils_nothing(house: House) -> None:
    house.answer()
    (house.root / "uv.lock").write_text("two")
    (house.root / "offline").touch()
    said = house.call()
    assert said.returncode == 1
    assert "no network" in said.stderr
    assert "try again" in said.stderr
    (house.root / "offline").unlink()
    said = house.call()
    assert said.returncode == 0
    assert "again" not in said.stderr
    assert (
        len(house.asked) == 4
    )  # once at first, twice offline (the second time with the machine's own authorities), once more


def test_a_killed_installation_is_made_again(house: House) -> None:
    house.program("uv", UV.replace("sync)", "sync) [ ! -e killed ] || kill -9 0;"))
    (house.root / "killed").touch()
    assert house.call(start_new_session=True).returncode < 0
    (house.root / "killed").unlink()
    said = house.call()
    assert said.returncode == 0
    assert "making it again" in said.stderr


def wheel(house: House) -> str:
    """Put a wheel of the stand-in where pip looks, and return its hash."""
    path = house.root.parent / "uv-9.9.9-py3-none-any.whl"
    files = {
        "uv-9.9.9.data/scripts/uv": UV,
        "uv-9.9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: uv\nVersion: 9.9.9\n",
        "uv-9.9.9.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},"
        f"{len(text.encode())}\n"
        for name, text in files.items()
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, "uv-9.9.9.dist-info/RECORD": record}.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o100755 << 16  # a regular file that can be run
            archive.writestr(member, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_without_uv_the_pinned_one_is_fetched_once(bare: House) -> None:
    (bare.programs / PYTHON.name).symlink_to(PYTHON)
    (bare.root / "ops" / "bootstrap" / "uv.txt").write_text(f"uv==9.9.9 --hash=sha256:{wheel(bare)}\n")
    said = bare.call()
    assert said.returncode == 0, said.stderr
    assert "fetching uv 9.9.9" in said.stderr
    (bare.root / "uv.lock").write_text("two")
    said = bare.call("test")
    assert "fetching" not in said.stderr
    assert bare.asked == ["sync --locked --inexact", "sync --locked --inexact --group tests --group checks"]


def test_a_uv_that_is_not_the_pinned_one_is_refused(bare: House) -> None:
    (bare.programs / PYTHON.name).symlink_to(PYTHON)
    wheel(bare)
    (bare.root / "ops" / "bootstrap" / "uv.txt").write_text(f"uv==9.9.9 --hash=sha256:{'0' * 64}\n")
    said = bare.call()
    assert said.returncode == 1
    assert "DO NOT MATCH" in said.stderr
    assert bare.asked == []


def test_what_is_missing_is_named_with_the_way_to_get_it(bare: House) -> None:
    said = bare.call()
    assert said.returncode == 1
    assert "apt-get install python3-venv" in said.stderr
    bare.program("python3", "#!/bin/sh\nexit 1\n")  # too old
    assert "there is none" in bare.call().stderr
    bare.program("python3.12", '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\n')
    assert "apt-get install python3.12-venv" in bare.call().stderr
    assert not (bare.root / ".venv").exists()


def test_whoever_may_not_install_is_told_who_can(house: House) -> None:
    house.root.chmod(0o555)
    said = house.call(user=65534 if os.geteuid() == 0 else None)
    house.root.chmod(0o755)
    assert said.returncode == 1
    assert "you may not write there" in said.stderr
    assert house.asked == []


def test_the_pinned_uv_is_pinned_by_hash() -> None:
    pinned = PINNED.read_text()
    assert pinned.count("==") == 2  # its line, and the comment on how to renew it
    assert pinned.count("--hash=sha256:") > 10, "one for each kind of machine"

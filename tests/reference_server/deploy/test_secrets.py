"""A file of settings with secrets in it gets neither into a commit nor into an image."""

import pytest

from tests.reference_server.deploy.test_files import DOCKERFILES, TOP, instructions


def test_git_passes_over_a_file_of_settings_and_takes_the_example_alone() -> None:
    lines = (TOP / ".gitignore").read_text("utf-8").splitlines()
    assert lines.index(".env") < lines.index(".env.*") < lines.index("!.env.example")
    assert [line for line in lines if line.startswith("!") and ".env" in line] == ["!.env.example"]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_takes_named_folders_and_never_all_that_lies_there(name: str) -> None:
    copied = [word for verb, rest in instructions(name) if verb in {"COPY", "ADD"} for word in rest.split()[:-1]]
    assert copied
    assert [word for word in copied if word in {".", "./", "*"} or ".env" in word] == []

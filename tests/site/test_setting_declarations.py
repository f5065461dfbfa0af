"""The declarations of the settings: what they say of themselves, and the page made of them."""

from typing import get_args, get_type_hints

import pytest
from group_files import values
from lab_process import ROOT

from ops.api.settings.group import settings
from ops.site.settings import GROUPS, Toolbox
from ops.site.settings.__main__ import document
from ops.site.tag_repair.repairs import REPAIRS


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_every_setting_says_what_it_is_for_and_which_jobs_read_it(group: str) -> None:
    jobs = {path.stem for path in (ROOT / "deploys").glob("*.py")} - {"site"}
    for setting in settings(GROUPS[group]):
        assert setting.about.text, setting.name
        assert setting.about.jobs and set(setting.about.jobs) <= jobs, setting.name


def test_no_setting_is_in_two_groups() -> None:
    names = [setting.name for group in GROUPS.values() for setting in settings(group)]
    assert sorted(set(names)) == sorted(names)


def test_every_setting_of_a_file_has_a_type() -> None:
    for path in (ROOT / "group_data").glob("[a-z]*.py"):
        if path.stem in GROUPS:
            names = {setting.name for setting in settings(GROUPS[path.stem])}
            assert set(values(path.stem)) - {"environ"} <= names, path.name


def test_the_repairs_are_those_that_there_are() -> None:
    hint = get_type_hints(Toolbox, include_extras=True)["tag_repair"]
    assert set(get_args(get_args(hint)[0])) == {*REPAIRS, "none"}


def test_the_page_is_written_out_of_the_types() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert document(ROOT / "group_data") == page, "make docs"

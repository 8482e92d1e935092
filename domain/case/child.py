"""
Who the child is, as a statutory return says it: sex, ethnic group, school number, own child; alone in this country.

Source: SSDA903 tables Header and UASC.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Name, Part
from domain.case.state import Case
from domain.codes import Ethnicity, Sex
from domain.dates import PartialDate


class Description(Part):
    """What a return says of the child."""

    sex: Sex | None = Field(default=None, description="Male, female, or not known (`SEX`).")
    ethnicity: Ethnicity | None = Field(default=None, description="The ethnic group (`ETHNIC`).")
    upn: Name | None = Field(default=None, description="The unique pupil number (`UPN`).")
    mother: bool | None = Field(default=None, description="Whether the child is a mother herself (`MOTHER`).")
    own_child_born: PartialDate | None = Field(default=None, description="When her child was born (`MC_DOB`).")


class ChildDescribed(Description, Fact, topic="child.described", phrase="Facts about the child were written down"):
    """What a return says of the child was recorded."""

    REF_PREFIX = "child"


class DescribeChild(Description, Command, records=ChildDescribed):
    """Record what a return says of the child."""

    do: Literal["describe_child"] = "describe_child"

    def check(self, case: Case, act: Act) -> None:
        """Refuse a child born before the child herself."""
        case.must_exist()
        case.not_before_birth(self, "own_child_born")


class Unaccompanied(Part):
    """That a child seeks asylum without a parent."""

    until: PartialDate | None = Field(
        default=None, description="Until when; it may lie ahead, as the 18th birthday (`DUC`)."
    )


class UnaccompaniedRecorded(
    Unaccompanied, Fact, topic="child.unaccompanied", phrase="The child came to this country without a parent"
):
    """The child is, or was, an unaccompanied asylum seeker."""

    REF_PREFIX = "unaccompanied"


class RecordUnaccompanied(Unaccompanied, Command, records=UnaccompaniedRecorded):
    """Record that the child seeks asylum without a parent."""

    do: Literal["record_unaccompanied"] = "record_unaccompanied"

    def check(self, case: Case, act: Act) -> None:
        """Refuse an end before birth."""
        case.must_exist()
        case.not_before_birth(self, "until")

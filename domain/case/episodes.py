"""
Episodes of care, as the statutory return cuts them: one for each change of legal status or placement.

An episode says how things were from a day on, never who decided it, when or why; the decisions it follows from stand
beside it. Source: SSDA903 table Episodes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.case.command import Act, Command
from domain.case.fact import Fact, Name, Part, Ref, Stamp
from domain.case.refusal import DatesRefused, NotThereRefused
from domain.case.state import Case
from domain.codes import (
    CategoryOfNeed,
    LegalStatus,
    Place,
    Provider,
    ReasonEpisodeCeased,
    ReasonNewEpisode,
    ReasonPlaceChange,
)
from domain.dates import PartialDate

URN = r"^(SC\d{6}|\d{7}|XXXXXXX)$"
"""The forms of Ofsted's number of a provider; X for a regional adoption agency."""


class Episode(Part):
    """How things were from a day on."""

    began: PartialDate = Field(description="When the episode began (`DECOM`).")
    new_because: ReasonNewEpisode | None = Field(default=None, description="What changed then (`RNE`).")
    legal_status: LegalStatus | None = Field(default=None, description="The legal status (`LS`).")
    category_of_need: CategoryOfNeed | None = Field(
        default=None, description="Why the child came to be looked after (`CIN`)."
    )
    place: Place | None = Field(default=None, description="The kind of home (`PLACE`).")
    provider: Provider | None = Field(default=None, description="Who provides it (`PLACE_PROVIDER`).")
    urn: str | None = Field(default=None, pattern=URN, description="Ofsted's number of the home (`URN`).")
    home_postcode: Name | None = Field(default=None, description="The postcode of the family home (`HOME_POST`).")
    placement_postcode: Name | None = Field(default=None, description="The postcode of the placement (`PL_POST`).")


class EpisodeBegan(Episode, Fact, topic="episode.began", phrase="A new part of the time in care began"):
    """An episode of care began."""

    DATED = "began"
    REF_PREFIX = "episode"


class RecordEpisode(Episode, Command, records=EpisodeBegan):
    """Record an episode of care as a statutory return has it."""

    do: Literal["record_episode"] = "record_episode"

    def check(self, case: Case, act: Act) -> None:
        """Refuse an episode before birth."""
        case.must_exist()
        case.not_before_birth(self, "began")


class EpisodeEnding(Part):
    """How an episode ended."""

    episode: Ref = Field(description="The episode that ended.")
    ended: PartialDate = Field(description="When it ended (`DEC`).")
    next_begins: bool = Field(default=False, description="Whether the next one began the same day (`REC` X1).")
    reason: ReasonEpisodeCeased | None = Field(
        default=None, description="Why being looked after ended (`REC`), where it did."
    )
    reason_place_change: ReasonPlaceChange | None = Field(
        default=None, description="Why the placement ended (`REASON_PLACE_CHANGE`)."
    )


class EpisodeEnded(EpisodeEnding, Fact, topic="episode.ended", phrase="A part of the time in care came to its end"):
    """An episode of care ended."""

    DATED = "ended"
    REF_PREFIX = "episode-end"

    @property
    def about(self) -> tuple[str, ...]:
        """The episode."""
        return (self.episode,)

    def evolve(self, case: Case, stamp: Stamp) -> None:
        """Remember that the episode has ended."""
        case.answered[self.episode] = self.ref


class RecordEpisodeEnd(EpisodeEnding, Command, records=EpisodeEnded):
    """Record how an episode of care ended."""

    do: Literal["record_episode_end"] = "record_episode_end"

    def check(self, case: Case, act: Act) -> None:
        """Refuse ending what never began, twice, or before it began."""
        case.must_exist()
        episode = case.find(EpisodeBegan, self.episode, field="episode")
        refuse_second_end(case, self.episode)
        if self.ended.before(episode.began):
            raise DatesRefused("`ended` lies before the episode began. Check both dates.", field="ended")


def refuse_second_end(case: Case, ref: str) -> None:
    """Refuse a second end of what has ended."""
    if (ended := case.answered.get(ref)) is not None:
        raise NotThereRefused(f"That {ref} ended is on record already, as {ended}. Correct that entry if it is wrong.")

"""Every projection there is."""

from __future__ import annotations

from typing import Final

from projections.case_state.projection import CaseState
from projections.engine.projection import Projection
from projections.people.projection import People
from projections.timeline.projection import Timeline
from projections.voice.projection import VoiceProjection

PROJECTIONS: Final[tuple[Projection, ...]] = (Timeline(), CaseState(), People(), VoiceProjection())

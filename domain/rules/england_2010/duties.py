"""The duties an answer cites: to ask first, to hold a review first, to inform the IRO, to tell the child."""

from __future__ import annotations

from typing import Final

from domain.rules.england_2010.sources import ACT, HOUSE, REGULATIONS
from domain.rules.rule import Authority, Rule

QUESTION: Final = Rule(
    id="question",
    says="Before the council decides anything about a child in care, it must find out what the child wants and feels "
    "about it. It must do so as far as that can reasonably be done.",
    value="Before making any decision about a child who is looked after, or whom it proposes to look after, the "
    "authority ascertains, so far as is reasonably practicable, the child's wishes and feelings about the matter to "
    "be decided; and it gives them due consideration, having regard to the child's age and understanding.",
    authority=Authority.STATUTE,
    citation=f"{ACT} s 22(4) and (5)",
    verified=True,
)

QUESTION_OTHERWISE: Final = Rule(
    id="question_otherwise",
    says="These rules hold no duty to ask the child for the time of this decision. The question is asked all the same, "
    "by the measure of today.",
    value="The record is asked whether it shows the child's view beforehand, whichever law stood then.",
    authority=Authority.POLICY,
    citation=HOUSE,
    verified=False,
)

REVIEW_FIRST: Final = Rule(
    id="review_first",
    says="A big change to the care plan is talked over at a review first, unless there is no reasonable way to do so.",
    value="No significant change is made to the care plan unless it has first been considered at a review, where "
    "that is reasonably practicable.",
    authority=Authority.REGULATION,
    citation=f"{REGULATIONS} reg 32(2)",
    verified=True,
)

IRO_INFORMED: Final = Rule(
    id="iro_informed",
    says="Before a child is placed somewhere, the independent reviewing officer is told.",
    value="Before arrangements for a placement are made, the authority ensures that the independent reviewing "
    "officer has been informed.",
    authority=Authority.REGULATION,
    citation=f"{REGULATIONS} reg 9(1)(b)(ii)",
    verified=True,
)

# The duties to give the child written notice are these two. No regulation asks for reasons after every decision:
# that part is General Comment 12 of the Committee on the Rights of the Child, and house policy here.
TELL_THE_CHILD: Final = Rule(
    id="tell_the_child",
    says="The child is told in writing where they are to live, and if and why seeing somebody is stopped in a hurry.",
    value="The child is given written notice of a placement, and of an urgent refusal of contact with the reasons "
    "for it, unless that would not be appropriate to the child's age and understanding.",
    authority=Authority.REGULATION,
    citation=f"{REGULATIONS} regs 8(1) to (3) and 13(1) to (3)",
    verified=True,
)

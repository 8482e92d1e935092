"""
Every kind of problem an API answer may have: the closed registry behind the addresses `/problems/{code}`.

A code, once given out, keeps its meaning. A test holds that every refusal, every error of the ledger and every problem
a door raises is on the list, and that nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem: its status, its short name for people, what it means, and how to mend it."""

    code: str
    status: int
    title: str
    means: str
    mend: str


def _kinds(*kinds: ProblemKind) -> dict[str, ProblemKind]:
    return {kind.code: kind for kind in kinds}


KINDS: Final = _kinds(
    # The request cannot be read.
    ProblemKind(
        "not_json",
        400,
        "The body cannot be read",
        "The body is not one JSON value in UTF-8, is nested too deeply, or names a member twice.",
        "Check quotes, commas and brackets, and send each member once.",
    ),
    ProblemKind(
        "bad_actor",
        400,
        "Nobody is named",
        "The header Beforehand-Actor does not name a role and an identifier.",
        "Write ROLE:identifier, with one of the roles the answer lists.",
    ),
    ProblemKind(
        "bad_precondition",
        400,
        "The condition cannot be read",
        "If-Match or If-None-Match holds something that is not an entity tag.",
        "Send the ETag of an answer just as it came, quotes included, several with commas between, or *.",
    ),
    ProblemKind(
        "bad_request",
        400,
        "The request cannot be read",
        "The request as a whole cannot be understood, before anything in it was looked at.",
        "Check the address, the headers and the length of the body.",
    ),
    ProblemKind(
        "not_here",
        404,
        "Not here",
        "There is nothing under this address, or nothing that may be shown. Both look the same on purpose.",
        "Check the identifier of the case and the reference of the entry, and the day given in as_of.",
    ),
    ProblemKind(
        "not_published",
        404,
        "No published log is known here",
        "This server has not been told where its log is published, so it cannot make proofs.",
        "Ask the operator, who sets BEFOREHAND_PUBLISHED.",
    ),
    ProblemKind(
        "method_not_allowed",
        405,
        "Not done this way",
        "The address is there, and does not take this method.",
        "Use one of the methods the header Allow lists.",
    ),
    ProblemKind(
        "not_acceptable",
        406,
        "Not in that form",
        "The header Accept allows none of the forms this answer can be given in.",
        "Ask for one of the media types the description of the address lists, or leave Accept out.",
    ),
    ProblemKind(
        "too_slow",
        408,
        "Too slow",
        "The request did not arrive in time. Nothing was recorded.",
        "Send it again. If the line is slow, send less at once.",
    ),
    ProblemKind(
        "address_too_long",
        414,
        "The address is too long",
        "The address is longer than any address of this server.",
        "Use the addresses the description lists. What is long belongs into a body.",
    ),
    ProblemKind(
        "headers_too_large",
        431,
        "The headers are too large",
        "The address and the headers of the request have more bytes together than the server takes.",
        "Send fewer or shorter headers. A browser may have kept too many cookies.",
    ),
    ProblemKind(
        "body_too_large",
        413,
        "Too large",
        "The body is larger than any request needs to be.",
        "Split what you send. Documents are recorded by their hash, not sent here.",
    ),
    ProblemKind(
        "not_this_content",
        415,
        "Not this kind of content",
        "The body is not said to be JSON in UTF-8.",
        "Send the header Content-Type: application/json, and the body in UTF-8.",
    ),
    # What was asked for does not have the right shape.
    ProblemKind(
        "invalid",
        422,
        "Some of this does not fit",
        "A field or a parameter is missing, unknown, or does not hold what it should.",
        "Mend each place that errors lists. The command's schema is under /v1/commands/{do}.",
    ),
    ProblemKind(
        "not_a_date",
        422,
        "Not a date we can keep",
        "A date is neither a day, a month, a year, nor a day with its time.",
        "Write 2011-05-03, 2011-05, 2011 or 2011-05-03T14:30.",
    ),
    ProblemKind(
        "bad_cursor",
        409,
        "No such place in the list",
        "The cursor points at no place in this list, or belongs to another list or question.",
        "Give the cursor just as the page before gave it, with the same parameters, or begin without one.",
    ),
    ProblemKind(
        "idempotency_key_reused",
        409,
        "This key was used before",
        "The Idempotency-Key was used before for a request that asked for something else.",
        "Give each new request a key of its own, and repeat an old one unchanged.",
    ),
    ProblemKind(
        "target_refused",
        409,
        "Not sent to that address",
        "The address of a webhook is not https, or leads to a machine that must not be reached from here.",
        "Use an https address that is reachable from outside. On this machine, http on loopback is taken.",
    ),
    # The record stands otherwise.
    ProblemKind(
        "already_recorded",
        409,
        "Recorded before",
        "This very command was carried out before.",
        "Nothing needs doing.",
    ),
    ProblemKind(
        "duplicate",
        409,
        "There already",
        "The same content, or the same reference, is in the case already.",
        "If it happened twice, give the second one a ref of its own.",
    ),
    ProblemKind(
        "case_closed",
        409,
        "The case does not stand that way",
        "The case is closed, or open, already.",
        "Read the case. Reopen it with reopen_case if the child is looked after again.",
    ),
    ProblemKind(
        "case_not_open",
        409,
        "The case cannot be opened so",
        "The case is there already, or there are no rules for its nation.",
        "Use the other commands for a case that is there, and one of the nations the answer lists.",
    ),
    ProblemKind(
        "version_conflict",
        409,
        "Others were writing",
        "Others kept writing to the same case at the same moment. Nothing was recorded.",
        "Send the request again.",
    ),
    ProblemKind(
        "no_such_position",
        409,
        "The log does not reach so far",
        "Beforehand-At-Least asks for a position that nothing stands at.",
        "Give the Beforehand-Position of an answer you have got from this server.",
    ),
    ProblemKind(
        "record_moved",
        412,
        "The record has moved",
        "The case is not at the version that If-Match names. Somebody recorded something since you read it.",
        "Read the case again, decide again, and send the new ETag.",
    ),
    # A rule of the record stands against it.
    ProblemKind(
        "refused",
        409,
        "Not recorded",
        "A rule of the record stands against this.",
        "The answer says which, and how to mend it.",
    ),
    ProblemKind(
        "not_there",
        409,
        "It points at nothing",
        "A reference points at something the case does not hold, or at another kind of entry.",
        "Record what it points at first, or correct the reference.",
    ),
    ProblemKind(
        "dates_contradict",
        409,
        "The dates contradict each other",
        "A date lies in the future, before the child's birth, or on the wrong side of another one.",
        "Check the dates the answer names.",
    ),
    ProblemKind(
        "view_not_visible",
        409,
        "That view was not on record",
        "A decision cites a view that was not on record when the decision was made.",
        "Cite views that were, and record looking again with reconfirm_decision.",
    ),
    ProblemKind(
        "no_such_arrangement",
        409,
        "There is nothing to vary",
        "A contact arrangement is varied or ended that does not exist.",
        "Arrange the contact first, or check the person.",
    ),
    ProblemKind(
        "nothing_to_correct",
        409,
        "There is nothing to correct",
        "The correction is of nothing, or changes nothing.",
        "Check the reference of the entry and the name of the field.",
    ),
    ProblemKind(
        "copy_not_possible",
        409,
        "No copy can be made of this",
        "A copy of this record would not prove what it should: part of it has gone, or its log is published nowhere.",
        "The answer says which. Give a new copy, or ask the operator.",
    ),
    ProblemKind(
        "incomplete",
        409,
        "Something is missing",
        "This kind of entry needs something beside what was given.",
        "The answer names it.",
    ),
    ProblemKind(
        "entry_too_large",
        413,
        "The entry is too large",
        "One entry is larger than the ledger takes.",
        "Split the text, or attach it as a document.",
    ),
    # Not now.
    ProblemKind(
        "ledger_unavailable",
        503,
        "The record cannot be reached",
        "The database cannot be reached, or did not answer in time.",
        "Send the request again, with its Idempotency-Key, after the time Retry-After gives.",
    ),
    ProblemKind(
        "not_there_yet",
        503,
        "Not there yet",
        "What is read has not reached the position that Beforehand-At-Least asks for.",
        "Ask again after the time Retry-After gives.",
    ),
    ProblemKind(
        "not_covered_yet",
        503,
        "No checkpoint covers it yet",
        "The entry is recorded for good, and no published checkpoint covers it yet, so nothing can be proven with it.",
        "Ask again after the time Retry-After gives, or with Prefer: wait=N.",
    ),
    ProblemKind(
        "too_busy",
        503,
        "Too much at once",
        "As many requests are in hand as this server takes. Nothing was recorded.",
        "Send the request again, with its Idempotency-Key, after the time Retry-After gives.",
    ),
    ProblemKind(
        "too_many_listeners",
        503,
        "Too many are listening",
        "As many programs follow the feed at this moment as this server takes.",
        "Ask again after the time Retry-After gives, or follow it in pages without waiting.",
    ),
    # Ours.
    ProblemKind(
        "ledger_error",
        500,
        "Something went wrong on our side",
        "The ledger could not do what was asked. Nothing was changed.",
        "Tell the operator.",
    ),
    ProblemKind(
        "unknown_topic",
        500,
        "Something went wrong on our side",
        "The log holds a kind of entry this program does not know.",
        "Tell the operator: a newer version of the program is needed.",
    ),
    ProblemKind(
        "unreadable_entry",
        500,
        "An entry has been altered",
        "What is stored of an entry is not what was sealed when it was recorded, so it is not shown.",
        "Tell the operator, and give the position: only they can bring the entry back, from a copy of the database.",
    ),
    ProblemKind(
        "internal",
        500,
        "Something went wrong on our side",
        "The program met something it was not made for. Nothing was recorded.",
        "Send the request again; if it stays so, tell the operator.",
    ),
)

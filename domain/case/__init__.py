"""
One child's case: its facts, what they add up to, and what may be recorded next.

`fact` is the shape of every event, `command` the shape of every request, `registry` the closed lists of both, `state`
what the facts add up to, `refusal` why something is not recorded. Each other module is one subject: its facts, its
commands, its rules, side by side. A new kind of fact is a new class in the module of its subject, and nothing else in
this room.
"""

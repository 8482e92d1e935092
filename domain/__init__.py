"""
What is true: facts, rules, and the question.

Here live the case and its facts (`case`), the rule packs (`rules`), the question whether the child's view was on record
beforehand (`voice`), partial dates (`dates`) and the words for matters and codes (`matters`, `codes`).

Pure Python only. No input or output, no clock, no random numbers, no SQL, no HTTP; nothing of the other rooms.
Whatever a rule needs to know about the present moment is handed to it.
"""

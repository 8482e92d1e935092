"""
The question: was the child's view on record beforehand, did it count, and was the child told?

`verdict` names the possible answers, `evidence` what they are found from, `question` finds them, `influence` and
`feedback` are the two further axes that no verdict may hide, `wording` says each of them to a person, and `vectors`
reads the exchange format of test vectors. Everything here sees codes, dates and references only, never narrative:
redacting what somebody wrote cannot change an answer.
"""

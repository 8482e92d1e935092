"""
The forms: how a person records something, on a phone, without script, in under a minute.

`form` says what a form is, `asks` and `when` the ways to ask, `typed` and `guard` what was sent and whether it came
from here, `reading` what came of reading it, `known` and `picking` what the case offers to choose from, `mending` how
what is wrong is said. The forms themselves stand by what they are about: `viewing`, `deciding`, `aftermath`, `living`,
`setting_right`; `catalogue` has them all, `following` says which of them fit an entry, `routes` has the addresses.

A form knows no rule: what may be recorded is for the same commands and the same rules to say that the API asks. It
declares questions over the fields of a command. Narrative never stands in an address, and nothing is kept between two
requests: what was typed travels with the page.
"""

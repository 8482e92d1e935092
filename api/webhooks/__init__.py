"""
Webhooks: telling other programs that something was recorded, by calling an address of theirs.

What is pushed is thin: which case, what kind of entry, where to fetch it. What stands in the record leaves only on a
request by somebody who may read it. Delivery is at least once and in order for each subscription, and goes on after a
restart where it was. Here live the subscriptions and their cursor (`store`), the addresses that may be called
(`targets`), the signature (`signing`) and the deliverer (`delivery`).
"""

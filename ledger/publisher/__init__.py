"""
The publisher: reads the log back, hashes it again, and signs what it finds.

It trusts neither the database nor what it wrote itself yesterday.

    rows          reading back from the database
    lock_store    the last checkpoint that was signed, outside the database: compare-and-swap
    static_files  the published files: tiles, bundles, checkpoint
    publisher     one round: read, follow, write, sign, publish
    witnesses     asking one witness for its cosignature (C2SP tlog-witness)
    kept          every checkpoint that was cosigned, kept for ever
    beat          the timer: the same checkpoint to all witnesses, anchors, timestamps
    timestamps    RFC 3161, behind a switch
    published     what others may ask: latest checkpoint, proofs, waiting for a leaf to be covered
    publishing    all of it in threads, for the time of a `with`

What must hold between entries is asked by `ledger.continuity`, as the auditor asks it too.
"""

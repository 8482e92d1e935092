"""
Benchmarks: what the product does under load, measured beside an endpoint that returns a constant.

`children` makes records up, `filling` puts them in through the real append, `server` is the product plus the constant,
`load` is the client beside it, `reading` takes turns with all endpoints and says what came out. Nothing here is part of
the product, and no test depends on how fast a machine is.
"""

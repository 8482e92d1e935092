"""`beforehand projections rebuild` and `beforehand projections status`."""

from __future__ import annotations

from ops.authority import authority, plain_errors
from ops.command_line.speaking import fail, print_json, progress, say
from projections.engine.rebuild import rebuild


def rebuild_named(names: list[str], authority_name: str) -> None:
    """Rebuild the named projections, or all."""
    with plain_errors(), authority(authority_name) as ready:
        known = {each.name: each for each in ready.runner.projections}
        if unknown := set(names) - set(known):
            fail(f"There is no projection called {', '.join(sorted(unknown))}. There are: {', '.join(known)}.", 2)
        for name in names or known:
            with progress(f"Rebuilding {name}") as moved:
                position = rebuild(ready.pool, ready.kept, known[name], moved)
            say(f"{name} rebuilt up to position {position}.")


def show_status(authority_name: str, *, as_json: bool) -> None:
    """Show how far each projection has come, and which were made by another version."""
    with plain_errors(), authority(authority_name) as ready, ready.pool.connection() as connection:
        head = ready.runner.scan.head(connection)
        positions = ready.runner.positions(connection)
        lines = [
            {
                "name": each.name,
                "version": positions[each.name][0],
                "position": positions[each.name][1],
                "behind": head - positions[each.name][1],
                "current": positions[each.name][0] == each.version,
            }
            for each in ready.runner.projections
        ]
    if as_json:
        print_json({"log": head, "projections": lines})
        return
    say(f"The log has {head} entries.")
    for line in lines:
        state = f"{line['behind']} behind" if line["behind"] else "up to date"
        say(f"  {line['name']:<12} {state}" + ("" if line["current"] else "; made by an older version: rebuild it"))

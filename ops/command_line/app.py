"""
Every command with its arguments, in the order in which a newcomer meets them.

What a command does stands in a module of its own, imported when the command runs: so none waits for the libraries of
another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from domain.codes import LegalBasis
from ops import logs

DEFAULT_PORT: Final = 8265

Policy = Annotated[
    Path | None,
    typer.Option(help="Whom to believe: a file that names logs, witnesses and a quorum (C2SP tlog-policy)."),
]
LogKey = Annotated[str | None, typer.Option(help="The key of the log: believe it alone, without witnesses.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Authority = Annotated[str, typer.Option("--authority", help="The authority.", envvar="BEFOREHAND_AUTHORITY")]
Port = Annotated[int, typer.Option(help="The port; 0 takes a free one.")]

app: Final = typer.Typer(
    name="beforehand",
    help="Was the child asked beforehand? The decision record that shows it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
importing: Final = typer.Typer(help="Bring in what other systems have.", no_args_is_help=True)
bench: Final = typer.Typer(help="Measure on this machine.", no_args_is_help=True)
verifying: Final = typer.Typer(help="Check the evidence, without a database or a network.", no_args_is_help=True)
projections: Final = typer.Typer(help="Look after the rows that answers are read from.", no_args_is_help=True)
ledger: Final = typer.Typer(help="Publish the log, and look after what is published.", no_args_is_help=True)
keys: Final = typer.Typer(help="Look after the keys that entries are sealed with.", no_args_is_help=True)


@app.callback()
def _every_command(
    quiet: Annotated[bool, typer.Option("--quiet", help="Log warnings and errors only.")] = False,
) -> None:
    logs.configure(level=logs.WARNING if quiet else logs.INFO)


@app.command()
def demo(
    port: Port = DEFAULT_PORT,
    load_only: Annotated[bool, typer.Option("--load-only", help="Load the samples and stop.")] = False,
) -> None:
    """
    Load the sample authority and two real histories, serve them, and say which address to open.

    What is recorded meanwhile stays: starting again adds nothing twice. The data is kept in BEFOREHAND_HOME.
    """
    from ops.command_line import demonstration

    demonstration.demonstrate(port, load_only=load_only)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Install what the tests need, a browser included where it can be had, and run them. Arguments go to pytest."""
    from ops.command_line import testing

    testing.run_tests(context.args)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address of this machine to listen on.")] = "127.0.0.1",
    port: Port = DEFAULT_PORT,
    authority: Authority = "sample",
) -> None:
    """Serve the pages and the API."""
    from ops.command_line import serving

    serving.serve(host, port, authority)


@app.command()
def assess(
    file: Annotated[Path, typer.Argument(help="A JSON array, or one object per line; `-` reads standard input.")],
) -> None:
    """
    Ask the question of test vectors and print one JSON object per vector, in order.

    Each has id, verdict, class, perMatter, flags, influence and feedback.
    """
    from ops.command_line import assessing

    assessing.assess(file)


@app.command()
def timeline(
    case: Annotated[str, typer.Argument(help="The case: its identifier, or the reference a history gave it.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Show the record as it stood on that day.")] = None,
    as_json: AsJson = False,
    authority: Authority = "sample",
) -> None:
    """Show what happened to one child, in order, with the answer to the question for each significant change."""
    from ops.command_line import timelines

    timelines.show(case, as_of, authority, as_json=as_json)


@app.command()
def bundle(
    case: Annotated[str, typer.Argument(help="The case: its identifier, or the reference a history gave it.")],
    recipient: Annotated[str, typer.Option(help="A reference to whom it is given; never a name.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    withhold: Annotated[
        list[str] | None,
        typer.Option(help="What not to give, and why: ENTRY=REASON or ENTRY:FIELD=REASON. May be repeated."),
    ] = None,
    authority: Authority = "sample",
) -> None:
    """
    Give somebody a copy of a whole record that proves itself: nothing altered, nothing left out without a word.

    That it was given, and what it leaves out, is recorded first. `beforehand verify bundle` checks it, offline.
    """
    from ops.command_line import copying

    copying.give(case, recipient, withhold or [], out, authority)


@app.command()
def schema() -> None:
    """Print the JSON Schema of one line of a history."""
    from ops.command_line import histories

    histories.print_schema()


@importing.command("history")
def import_history(
    files: Annotated[list[Path], typer.Argument(help="JSON Lines, one command a line; see `beforehand schema`.")],
    as_json: AsJson = False,
    authority: Authority = "sample",
) -> None:
    """
    Import histories: all or nothing per child, and importing again changes nothing.

    Every line that is refused is reported with its number, the reason and how to mend it; then the exit code is 1.
    """
    from ops.command_line import histories

    histories.bring_in(files, authority, as_json=as_json)


@importing.command("ssda903")
def import_ssda903(  # noqa: PLR0913 - one for each thing that can be asked
    folder: Annotated[Path, typer.Argument(help="A folder with the tables as CSV or XML, of one year or several.")],
    year: Annotated[
        str | None, typer.Option(help="The collection year, such as 2017-18, where no name of file or folder says it.")
    ] = None,
    names: Annotated[
        Path | None, typer.Option(help="A CSV with CHILD and NAME: what children are called. A return has no names.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write every row that is told of to this file, .csv or .jsonl.")
    ] = None,
    as_json: AsJson = False,
    authority: Authority = "sample",
) -> None:
    """
    Import the statutory return (SSDA903): tables are known by their columns, whatever the files are called.

    Each child is taken in whole or not at all, and importing again changes nothing. Every row becomes facts, or is told
    with its line, the reason and how to mend it; then the exit code is 1.
    """
    from ops.command_line import returns

    returns.bring_in(folder, authority, year=year, names=names, report=report, as_json=as_json)


@verifying.command("receipt")
def verify_receipt(
    file: Annotated[Path, typer.Argument(help="A .tlog-proof file, or the JSON receipt that was returned.")],
    policy: Policy = None,
    vkey: LogKey = None,
    entry: Annotated[Path | None, typer.Option(help="The bytes of the entry, where the receipt has none.")] = None,
) -> None:
    """Check that an entry is in the log. The exit code is 1 where it is refused."""
    from ops.command_line.verifying import verify

    verify("receipt", file, policy=policy, vkey=vkey, entry=entry)


@verifying.command("bundle")
def verify_bundle(
    file: Annotated[Path, typer.Argument(help="The JSON file that was issued.")],
    policy: Policy = None,
) -> None:
    """Check that a disclosure is the whole record, with nothing altered or left out. The exit code is 1 where not."""
    from ops.command_line.verifying import verify

    verify("bundle", file, policy=policy)


@verifying.command("log")
def verify_log(
    folder: Annotated[Path, typer.Argument(help="The folder with checkpoint and tiles, or a mirror of it.")],
    policy: Policy = None,
    vkey: LogKey = None,
    tree_only: Annotated[
        bool, typer.Option("--tree-only", help="Check no streams: for logs that others keep.")
    ] = False,
) -> None:
    """Read a whole log and check that nothing in it was altered or left out. The exit code is 1 where not."""
    from ops.command_line.verifying import verify

    verify("log", folder, *(["--tree-only"] if tree_only else []), policy=policy, vkey=vkey)


@projections.command()
def rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="Which projections; all where none is named.")] = None,
    authority: Authority = "sample",
) -> None:
    """Rebuild projections beside their live tables, then let them change places."""
    from ops.command_line import projecting

    projecting.rebuild_named(names or [], authority)


@projections.command()
def status(as_json: AsJson = False, authority: Authority = "sample") -> None:
    """Show how far each projection has come."""
    from ops.command_line import projecting

    projecting.show_status(authority, as_json=as_json)


@ledger.command("publish")
def ledger_publish(
    once: Annotated[bool, typer.Option("--once", help="Sign and have it cosigned once, and stop.")] = False,
    every: Annotated[float, typer.Option(min=1, max=3600, help="Seconds between two rounds to the witnesses.")] = 60,
    authority: Authority = "sample",
) -> None:
    """
    Publish the log: read it back, hash it again, sign what goes on from before, have witnesses cosign it.

    `serve` and `demo` do so themselves. In production this runs on a machine and under an account of its own.
    """
    from ops.command_line import publishing

    publishing.publish(authority, every, once=once)


@ledger.command("status")
def ledger_status(as_json: AsJson = False, authority: Authority = "sample") -> None:
    """Show how far the log is, signed and cosigned, and what hinders."""
    from ops.command_line import publishing

    publishing.show_status(authority, as_json=as_json)


@ledger.command("freeze")
def ledger_freeze(authority: Authority = "sample") -> None:
    """End a log for good: nothing more is signed in it. Prints its last checkpoint, for the log that goes on."""
    from ops.command_line import publishing

    publishing.freeze(authority)


@ledger.command("succeed")
def ledger_succeed(
    checkpoint: Annotated[Path, typer.Argument(help="The last checkpoint of the old log, cosigned.")],
    policy: Annotated[Path, typer.Option(help="The trust policy of the old log.")],
    survived: Annotated[int, typer.Option(min=0, help="How many entries of the old log its database still has.")],
    authority: Authority = "sample",
) -> None:
    """Begin a new log that goes on from one that ended; see ops/runbooks/succession.md."""
    from ops.command_line import publishing

    publishing.succeed(checkpoint, policy, survived, authority)


@ledger.command("scrub")
def ledger_scrub(
    pause: Annotated[float, typer.Option(min=0, max=60, help="Seconds to wait after every 2,000 entries.")] = 0,
    authority: Authority = "sample",
) -> None:
    """Hash every row and every published file again, and name all that is amiss; then the exit code is 1."""
    from ops.command_line import publishing

    publishing.scrub(authority, pause)


LogKeys = Annotated[
    list[str], typer.Option("--log", help="The key of a log, as `ledger status` shows it; may be given again.")
]
CosignerName = Annotated[
    str | None, typer.Option("--name", help="What the new key is called, such as witness.example.org/w1.")
]


@app.command()
def witness(  # noqa: PLR0913 - one for each thing that can be said
    log: LogKeys,
    state: Annotated[Path, typer.Option(help="The folder of the key and of what was cosigned: never lose it.")],
    listen: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1:8266",
    name: CosignerName = None,
    key: Annotated[Path | None, typer.Option(help="The key file, where it is not to be in that folder.")] = None,
    quantum: Annotated[bool, typer.Option("--ml-dsa", help="Cosign with an ML-DSA-44 key as well.")] = False,
) -> None:
    """
    Serve a witness of logs (C2SP tlog-witness): it cosigns what has only grown since it last looked.

    Needs no database and nothing of the authority's. At the first start it makes its key, which needs a name.
    """
    from ops.command_line import witnessing

    witnessing.witness(listen, state, log, name, key, quantum=quantum)


@app.command()
def audit(  # noqa: PLR0913 - one for each thing that can be said
    source: Annotated[str, typer.Argument(help="The folder of the published log, or its address.")],
    log: LogKeys,
    state: Annotated[Path, typer.Option(help="The folder of the key and of how far the log was read: never lose it.")],
    name: CosignerName = None,
    listen: Annotated[
        str | None, typer.Option(help="Answer there whenever the log asks for the cosignature, as a witness does.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Read every entry of a published log, and cosign: no stream has a fork or a gap, nothing was altered.

    It goes on from where it was. What it finds is said with the entry it stands at; then the exit code is 1.
    """
    from ops.command_line import witnessing

    witnessing.audit(source, state, log, name, listen, as_json=as_json)


@app.command()
def erase(
    case: Annotated[str, typer.Argument(help="The case: its identifier, or the reference a history gave it.")],
    basis: Annotated[LegalBasis, typer.Option(help="Which law asks for it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    authority: Authority = "sample",
) -> None:
    """
    Erase a child's record for good: keys destroyed, entries blanked. The log goes on being provable without it.

    Nothing brings it back. Take the child out of what is imported first. Stopped halfway, run it again.
    """
    from ops.command_line import erasing

    erasing.erase(case, basis, authority, yes=yes)


@app.command()
def redact(  # noqa: PLR0913 - one for each thing that can be said
    case: Annotated[str, typer.Argument(help="The case: its identifier, or the reference a history gave it.")],
    ref: Annotated[str, typer.Argument(help="The entry, or a person of the case.")],
    basis: Annotated[LegalBasis, typer.Option(help="Which law asks for it.")],
    field: Annotated[
        str | None,
        typer.Argument(
            help="Which text of the entry, such as `account` or `own_words.0.words`; a number more takes a paragraph. "
            "Where none is named: all of the entry, or all that is about the person alone."
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="Who does this, as the record should say.")] = "records",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    authority: Authority = "sample",
) -> None:
    """
    Take what somebody said or wrote out of a record for good. It reads █ from then on, and the record says so.

    Codes, dates and references stay, and so does every answer.
    """
    from ops.command_line import erasing

    erasing.redact(case, ref, field, basis, by, authority, yes=yes)


@ledger.command("erasures")
def ledger_erasures(authority: Authority = "sample") -> None:
    """Print the erasure register, one JSON object per line, to be kept apart from the backups of the log."""
    from ops.command_line import erasing

    erasing.print_register(authority)


@ledger.command("replay-erasures")
def ledger_replay_erasures(
    copy: Annotated[
        Path | None, typer.Option("--from", help="A copy of the register, where the log was restored from before it.")
    ] = None,
    authority: Authority = "sample",
) -> None:
    """Erase again whatever a restored backup has brought back. Run it after every restore, before anybody reads."""
    from ops.command_line import erasing

    erasing.replay(copy, authority)


@keys.command("status")
def keys_status(as_json: AsJson = False, authority: Authority = "sample") -> None:
    """Show how many keys there are, and under which epochs they stand."""
    from ops.command_line import keys as of_keys

    of_keys.show_status(authority, as_json=as_json)


@keys.command("rotate")
def keys_rotate(authority: Authority = "sample") -> None:
    """Begin a new epoch of the key-encryption key: yearly, and after erasing. Then rewrap."""
    from ops.command_line import keys as of_keys

    of_keys.rotate(authority)


@keys.command("rewrap")
def keys_rewrap(authority: Authority = "sample") -> None:
    """Wrap every key under the newest epoch. Stopped, it goes on where it was; nobody has to wait meanwhile."""
    from ops.command_line import keys as of_keys

    of_keys.rewrap(authority)


@keys.command("destroy-epoch")
def keys_destroy_epoch(
    number: Annotated[int, typer.Argument(min=1, help="Which epoch; `keys status` shows them.")],
    authority: Authority = "sample",
) -> None:
    """
    Destroy an old epoch for good: no copy of a key from before the last rewrap can then be opened, in any backup.

    Refused while a key is wrapped under it.
    """
    from ops.command_line import keys as of_keys

    of_keys.destroy_epoch(authority, number)


@bench.command("read")
def bench_read(  # noqa: PLR0913 - one for each option
    children: Annotated[int, typer.Option(min=1, max=100_000, help="How many children with 300 entries each.")] = 1_000,
    long: Annotated[int, typer.Option(min=20, max=50_000, help="How many entries the one long record has.")] = 5_000,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="How many rounds; each address has a turn in each.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long a turn lasts.")] = 5,
    grow: Annotated[
        bool, typer.Option("--grow", help="Then add nine times as many other children, and measure again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Measure reading: pages and JSON, in turns, beside an endpoint that returns a constant.

    The made-up children are kept for the next time, in a database of their own in the folder `bench` of
    BEFOREHAND_HOME.
    """
    from ops.command_line import benchmarks

    benchmarks.read(children, long, rounds, seconds, grow=grow, as_json=as_json)


@bench.command("append")
def bench_append(  # noqa: PLR0913 - one for each option
    writers: Annotated[
        str, typer.Option(help="How many write at the same time: numbers, with commas.")
    ] = "1,4,16,32,64",
    rounds: Annotated[int, typer.Option(min=1, max=100, help="How many rounds; each way has a turn in each.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.2, max=600, help="How long a turn lasts.")] = 2,
    commit_latency: Annotated[
        str, typer.Option(help="Then measure again with every commit taking this much longer: 2ms, 500us.")
    ] = "",
    projections: Annotated[
        bool, typer.Option("--projections/--no-projections", help="Follow 30,000 events as well.")
    ] = True,
    grow: Annotated[
        bool, typer.Option("--grow", help="Fill a log up to 5,000,000 entries and compare it with one of 10,000.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Measure appending: sealed and in the tree, beside pgbench and beside the library that the ledger stands on.

    Through the recorder, through the application and over HTTP. It uses a database of its own in the folder
    `bench-append` of BEFOREHAND_HOME. Only the large log of `--grow` stays there for the next time (12 GB).
    """
    from ops.command_line import benchmarks

    benchmarks.append(writers, rounds, seconds, commit_latency, projections=projections, grow=grow, as_json=as_json)


@bench.command("ledger")
def bench_ledger(
    rounds: Annotated[
        int, typer.Option(min=1, max=1_000, help="How many rounds; each operation has a turn in each.")
    ] = 9,
    as_json: AsJson = False,
) -> None:
    """Measure what sealing, opening, hashing, proving and signing cost, operation by operation."""
    from ops.command_line import benchmarks

    benchmarks.ledger(rounds, as_json=as_json)


app.add_typer(bench, name="bench")
app.add_typer(ledger, name="ledger")
app.add_typer(importing, name="import")
app.add_typer(keys, name="keys")
app.add_typer(projections, name="projections")
app.add_typer(verifying, name="verify")

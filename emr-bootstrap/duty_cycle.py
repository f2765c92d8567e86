"""Turns readings into duty cycles, until it is told to stop.

    python3 duty_cycle.py --brokers ... --checkpoint ... --thresholds ... --schemas ... --window-ms ... (see --help)

Spark's own settings (master, memory, jars) are not the job's: they come from spark-defaults.conf and from the variable
PYSPARK_SUBMIT_ARGS, e.g. `--master local[2] --jars a.jar,b.jar pyspark-shell`. Started this way, by Python, the job
ends in order on SIGTERM: it finishes its batch and exits 0. `spark-submit duty_cycle.py` works as well, but there the
JVM gets the signal and ends at once with status 143; that is as safe as kill -9, which the checkpoint is made for.

Exit status: 0 stopped as told, 1 failed, 2 arguments. Standard output carries JSON lines (dutycycle/report.py).
"""

from __future__ import annotations

import signal
import sys
import threading
import time
import traceback
from types import FrameType
from typing import List, Optional

from py4j.java_gateway import JavaPackage
from py4j.protocol import Py4JJavaError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from dutycycle import stream
from dutycycle.audit import Audit
from dutycycle.journal import Journal
from dutycycle.position import Position
from dutycycle.readings import MAX_STRING_BYTES
from dutycycle.report import Report, lines
from dutycycle.settings import Settings, parse

FINISH_S = 30.0
"""How long a batch may take to finish after SIGTERM, s."""
POLL_S = 0.1

# A string's length is the first thing that Avro reads of it. Garbage that claims a gigabyte would be given one, and the
# JVM dies of it: not a failed record but a stream that stops, and stops again at every restart.
LONGEST_STRING = f"-Dorg.apache.avro.limits.string.maxLength={MAX_STRING_BYTES}"


def main(argv: List[str]) -> int:
    settings = parse(argv)
    stop = threading.Event()

    def on_signal(_signal: int, _frame: Optional[FrameType]) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    try:
        spark = session(settings)
        signal.signal(signal.SIGINT, on_signal)  # after the session, which sets a handler of its own
        try:
            run(spark, settings, stop)
        finally:
            spark.stop()
    except Exception as error:
        if settings.verbose:
            traceback.print_exc()
        what = describe(error)
        if "org.apache.kafka" in what:
            what += f" -- check that {settings.brokers} answers and that --security {settings.security} is its kind"
        print(f"duty_cycle: {what}", file=sys.stderr)
        return 1
    return 0


def session(settings: Settings) -> SparkSession:
    # The JVM gets a session of its own, so that a signal to the whole process group reaches only Python, which ends the
    # JVM in order; should Python die, the JVM sees the end of its standard input and exits.
    gateway = launch_gateway(popen_kwargs={"start_new_session": True})  # type: ignore[no-untyped-call]
    if isinstance(gateway.jvm.org.apache.kafka.clients.admin.AdminClient, JavaPackage):
        raise RuntimeError("Spark has no Kafka connector: name the connectors' jars (--jars) in PYSPARK_SUBMIT_ARGS")
    name, value = LONGEST_STRING[2:].split("=")
    gateway.jvm.java.lang.System.setProperty(name, value)
    conf = SparkConf(_jvm=gateway.jvm).setAppName("duty-cycle")
    options = "spark.executor.extraJavaOptions"
    conf.set(options, f"{conf.get(options, '')} {LONGEST_STRING}".strip())
    conf.set("spark.sql.session.timeZone", "UTC")
    conf.set("spark.ui.showConsoleProgress", "false")
    context = SparkContext(conf=conf, gateway=gateway)
    spark = SparkSession(context)
    # They warn in every batch: that nullable columns go into fields that are not (ids, of which none is null here), and
    # that settings for consumers are of no use to an admin client.
    levels = gateway.jvm.org.apache.logging.log4j
    for noisy in ("org.apache.spark.sql.avro.AvroSerializer", "org.apache.kafka.clients.admin.AdminClientConfig"):
        levels.core.config.Configurator.setLevel(noisy, levels.Level.ERROR)
    partitions = settings.shuffle_partitions or context.defaultParallelism
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))
    return spark


def run(spark: SparkSession, settings: Settings, stop: threading.Event) -> None:
    position = Position(spark, settings.kafka, settings.topic, settings.group)
    try:
        journal = Journal(spark, settings.checkpoint)
        report = Report(Audit(spark, settings), journal, position, lines(settings.progress))
        report.recover()
        query = stream.start(spark, settings)
        report.event("started")
        follow(query, report, stop)
        report.look(query)
        report.event("stopped")
    finally:
        position.close()


def follow(query: StreamingQuery, report: Report, stop: threading.Event) -> None:
    """Stay with the query until it ends or `stop` is set; raises what made it fail."""
    while not query.awaitTermination(POLL_S):  # type: ignore[arg-type]
        report.look(query)
        if stop.is_set():
            finish(query)
            return


def finish(query: StreamingQuery) -> None:
    """Let the batch under way finish, then stop; a batch cut short would be repeated after the restart."""
    deadline = time.monotonic() + FINISH_S
    before = trigger_time(query)
    while time.monotonic() < deadline and query.status["isTriggerActive"] and trigger_time(query) == before:
        time.sleep(POLL_S / 2)
    query.stop()


def trigger_time(query: StreamingQuery) -> Optional[str]:
    progress = query.lastProgress
    return None if progress is None else str(progress["timestamp"])


def describe(error: Exception) -> str:
    """The first line of what went wrong; in a JVM's message the stack follows."""
    text = str(error)
    if isinstance(error, PySparkException):
        text = getattr(error, "desc", None) or text
    if isinstance(error, Py4JJavaError):
        cause = error.java_exception
        while cause.getCause() is not None:
            cause = cause.getCause()
        text = cause.toString()
    return (text.strip().splitlines() or [type(error).__name__])[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

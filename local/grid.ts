import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import pRetry from 'p-retry';

import { druidProcesses } from '../engines/processes/druid.ts';
import { kafkaProcess } from '../engines/processes/kafka.ts';
import { checkpointOf, sparkProcess } from '../engines/processes/spark.ts';
import { type EngineHomes, setUp } from '../engines/setup/set-up.ts';
import { HOST } from '../engines/supervision/addresses.ts';
import { Supervisor } from '../engines/supervision/supervisor.ts';
import type { GridState } from '../engines/view/grid-state.ts';
import { lookups, thresholds } from '../src/core/appliances/registry.ts';
import { type GridClock, gridClock, WATERMARK_MS } from '../src/core/clock/grid-clock.ts';
import { sleep } from '../src/core/clock/timers.ts';
import { until } from '../src/core/clock/until.ts';
import { DruidApi, DruidError } from '../src/druid/api.ts';
import { setLookups } from '../src/druid/lookups.ts';
import { retentionRules, supervisorSpecs } from '../src/druid/supervisor-specs.ts';
import { setDefaultRules, submitSupervisor } from '../src/druid/supervisors.ts';
import type { BackfilledEvent } from '../src/replay/events.ts';
import { druidFigures } from './figures.ts';
import { LiveSince } from './live-since.ts';
import type { GridOptions } from './options.ts';
import { filledBy, type Pasts, pastsOf } from './pasts.ts';
import { auditProcess, canaryProcess, replayProcess } from './programs.ts';
import type { RunExtent } from './report/druid-counts.ts';
import { MemoryWatch } from './report/process-memory.ts';
import { reconcile } from './report/reconcile.ts';
import type { Report } from './report/report.ts';
import { RunFacts } from './report/run-facts.ts';
import { SlowHalf } from './slow-half.ts';
import { LocalState, mustFitTogether } from './state.ts';
import { ensureTopics, type TopicOffsets } from './topics.ts';
import { whyNotLive } from './why-not-live.ts';

const DRUID_READY_MS = 300_000;
/** A run that is not live after this says what it waits for, ms. */
const SAY_WHY_MS = 5 * 60_000;
/** How long engines get to catch up after a disturbance: Druid reads again what it had not published, ms. */
const PATIENCE_AFTER_FAULTS_MS = 300_000;
const FIGURES_EVERY_MS = 1_000;
const TICK_MS = 100;

/** Druid, once it answers queries, and where the live part of the run began. */
interface Started {
  readonly druid: DruidApi;
  readonly run: RunExtent;
}

/** Something that happens to the grid while it is live, e.g. a storm (local/storm). */
export interface Disturbance {
  /** Called once, when the grid is live. */
  begin: (supervisor: Supervisor) => void;
  /** Ends it; resolves when the grid has recovered, or never will. */
  end: () => Promise<void>;
}

/** One run of the grid on one machine: starts everything, stays live, stops, and says whether the counts agree. */
export class Grid {
  readonly #options: GridOptions;
  readonly #state: GridState;
  readonly #startedMs: number;
  readonly #disturbance: Disturbance | undefined;
  readonly #clock: GridClock;
  readonly #brokers: string;
  readonly #facts = new RunFacts();
  readonly #memory = new MemoryWatch();
  readonly #supervisor: Supervisor;
  readonly #stop = new AbortController();
  readonly #stopNow = new AbortController();
  readonly #live = new LiveSince();
  /** Once it is asked whether it is ready. */
  #druid: DruidApi | undefined;
  /** The notes that readings are being made; they are there before the first reading is. */
  readonly #notes: { end: () => Promise<void> }[] = [];

  /**
   * @param startedMs when the command was typed, ms since the epoch: `ready_s` counts from here.
   * @param disturbance Default: nothing happens to it.
   */
  constructor(options: GridOptions, state: GridState, startedMs: number, disturbance?: Disturbance) {
    this.#options = options;
    this.#state = state;
    this.#startedMs = startedMs;
    this.#disturbance = disturbance;
    this.#clock = gridClock(options.speed);
    this.#brokers = `${HOST}:${options.ports.kafka}`;
    this.#supervisor = new Supervisor(this.#path('logs'), this.#path('processes.json'));
    this.#supervisor.on('event', ({ process, state: processState, note }) => {
      state.process(process, processState);
      if (note !== undefined) {
        state.note(note);
      }
    });
    this.#supervisor.on('note', (note) => state.note(note));
  }

  /** Ends the live part; the run drains and reconciles then. */
  stop(): void {
    this.#stop.abort();
  }

  /** Ends everything at once, without reconciling. */
  stopNow(): void {
    this.#stopNow.abort();
  }

  /**
   * @returns the report, or undefined when it was stopped before it was live.
   * @throws SetupError, SupervisionError, DruidError and others whose message is one line for the user.
   */
  async run(): Promise<Report | undefined> {
    this.#memory.start();
    const homes = await setUp((steps) => this.#state.update({ setUp: steps }), this.#stop.signal).catch(
      (error: unknown) => {
        if (!this.#stop.signal.aborted) {
          throw error;
        }
      },
    );
    if (!homes) {
      return undefined;
    }
    const leftovers = await this.#supervisor.endLeftovers();
    if (leftovers.length > 0) {
      this.#state.note(`Ended what an earlier run had left behind: ${leftovers.join(', ')}`);
    }
    if (this.#options.fresh) {
      await LocalState.forget(this.#options.state);
    }
    await mkdir(this.#path('logs'), { recursive: true });
    await mustFitTogether(this.#path('kafka'), this.#path('druid'));
    const local = await LocalState.open(this.#options.state, (sentence) => this.#state.note(sentence));
    const ended = new AbortController();
    const tooLate = this.#notLiveInTime(ended.signal);
    try {
      this.#state.update({ phase: 'starting' });
      const started = await Promise.race([this.#start(homes, local), aborted(this.#stop.signal), tooLate]);
      if (!started) {
        return undefined;
      }
      const { druid, run } = started;
      const slowHalf = new SlowHalf(
        {
          options: this.#options,
          tools: homes.tools,
          clock: this.#clock,
          brokers: this.#brokers,
          druidUrl: this.#druidUrl(),
        },
        this.#supervisor,
        this.#state,
      );
      const onLive = (): void => {
        slowHalf.start();
        this.#disturbance?.begin(this.#supervisor);
      };
      await Promise.race([this.#stayLive(druid, onLive), tooLate]);
      await Promise.race([this.#disturbance?.end(), aborted(this.#stopNow.signal)]);
      return await Promise.race([this.#finish(druid, run, slowHalf, local), aborted(this.#stopNow.signal)]);
    } finally {
      ended.abort();
      this.#stop.abort();
      this.#state.update({ phase: 'stopping' });
      await Promise.all(this.#notes.map((note) => note.end()));
      await this.#supervisor.stop();
    }
  }

  /** Says why when the run is not live after a while, and rejects when it is not live in time; else never settles. */
  #notLiveInTime(ended: AbortSignal): Promise<never> {
    const { liveWithinMs = Infinity } = this.#options;
    const isWaiting = (): boolean => !ended.aborted && !this.#stop.signal.aborted && this.#live.ms === Infinity;
    const why = (): Promise<string> => whyNotLive(this.#state.snapshot.processes, this.#druid);
    void sleep(SAY_WHY_MS, ended).then(async () => {
      if (isWaiting()) {
        this.#state.note(`Not live after ${SAY_WHY_MS / 60_000} minutes: ${await why()}`);
      }
    });
    return new Promise((_, reject) => {
      void sleep(liveWithinMs, ended).then(async () => {
        if (!isWaiting()) {
          return;
        }
        const reason = await why();
        if (isWaiting()) {
          reject(new Error(`not live within ${liveWithinMs / 1_000} s: ${reason}`));
        }
      });
    });
  }

  async #start(homes: EngineHomes, local: LocalState): Promise<Started> {
    const { ports } = this.#options;
    const kafka = kafkaProcess({
      java: homes.tools.java,
      jars: homes.kafkaJars,
      directory: this.#path('kafka'),
      port: ports.kafka,
      controllerPort: ports.kafkaController,
    });
    const druidEngines = druidProcesses({
      java: homes.tools.java,
      jars: homes.druidJars,
      avroExtension: homes.avroExtension,
      directory: this.#path('druid'),
      ports: {
        'coordinator-overlord': ports.druidCoordinator,
        broker: ports.druidBroker,
        historical: ports.druidHistorical,
        indexer: ports.druidIndexer,
        router: ports.druidRouter,
        zookeeper: ports.zookeeper,
        metadata: ports.druidMetadata,
      },
    });
    // Kafka first and alone: everything else waits for the backfill, and the backfill for Kafka.
    await this.#supervisor.start([kafka]);
    const offsets = await ensureTopics(this.#brokers);
    const [druid, run] = await Promise.all([this.#startDruid(druidEngines), this.#startStream(homes, local, offsets)]);
    return { druid, run };
  }

  async #startDruid(engines: Parameters<Supervisor['start']>[0]): Promise<DruidApi> {
    const druid = new DruidApi({ url: `http://${HOST}:${this.#options.ports.druidRouter}` });
    await this.#supervisor.start(engines);
    this.#druid = druid;
    await druid.waitUntilReady(DRUID_READY_MS);
    const specs = await supervisorSpecs({
      consumer: { 'bootstrap.servers': this.#brokers },
      maxIntervalMs: this.#clock.maxGapMs,
    });
    const rules = await retentionRules();
    // Each step may be repeated. An engine that is started again in between answers a little later; what it refuses for
    // good is said after a minute.
    await pRetry(
      async () => {
        await Promise.all(specs.map((spec) => submitSupervisor(druid, spec)));
        await setDefaultRules(druid, rules);
        await setLookups(druid, { ...lookups() });
      },
      { retries: 30, factor: 1, minTimeout: 2_000, shouldRetry: ({ error }) => error instanceof DruidError },
    );
    return druid;
  }

  /** Backfills, then starts all that works on the live stream. */
  async #startStream(homes: EngineHomes, local: LocalState, offsets: TopicOffsets): Promise<RunExtent> {
    const { from, to, speed } = this.#options;
    const epochMs = await local.epoch(speed, Math.ceil(Date.now() / 1_000) * 1_000);
    const pasts = pastsOf(this.#options, local);
    // A run that is stopped during its backfill must not be followed by one that sends the same readings again.
    for (const { from: first, to: end, ms } of [pasts.first, pasts.others]) {
      if (ms > 0) {
        this.#notes.push(local.live({ from: first, to: end, fromMs: Date.now() - ms }));
      }
    }
    const { backfilled, startedMs } = await this.#startReplay(epochMs, pasts);
    const liveFromMs = backfilled.live_from_ms;
    this.#notes.push(local.live({ from, to, fromMs: liveFromMs }));

    const thresholdsFile = this.#path('thresholds.json');
    await writeFile(thresholdsFile, JSON.stringify(thresholds({ from, to })));
    const spark = sparkProcess({
      javaHome: homes.tools.javaHome,
      environment: homes.spark,
      jars: (await readdir(homes.sparkJars)).map((jar) => join(homes.sparkJars, jar)),
      brokers: this.#brokers,
      directory: this.#path('spark'),
      // A run's own: its first offsets are where the backfill ended, and a checkpoint would overrule them.
      checkpoint: checkpointOf(this.#path('spark'), this.#startedMs),
      thresholds: thresholdsFile,
      clock: this.#clock,
      startingOffsets: backfilled.offsets,
      onProgress: (progress) => {
        this.#facts.onSpark(progress);
        if (typeof progress.lag === 'number') {
          this.#state.figures({ sparkLag: progress.lag });
        }
      },
    });
    const audit = auditProcess(
      {
        brokers: this.#brokers,
        from: offsets,
        streamFrom: backfilled.offsets,
        liveFromMs,
        slideMs: this.#clock.slideMs,
        watermarkMs: WATERMARK_MS,
      },
      (event) => (this.#facts.audit = event),
    );
    const canary = canaryProcess({ brokers: this.#brokers, druid: this.#druidUrl(), speed }, (event) => {
      this.#facts.onCanary(event);
      if (event.event === 'freshness') {
        // What the canary sent while engines were still starting tells how long they took to start.
        if (event.data_source === 'powerraw') {
          this.#live.onFreshness(event.ms);
        }
        if (event.at_ms - event.ms < this.#live.ms) {
          return;
        }
        this.#facts.freshness[event.data_source].add(event.ms);
        const lastMinute = this.#facts.freshness.powerraw.lastMinute;
        if (lastMinute) {
          this.#state.figures({ freshnessMs: lastMinute });
        }
      }
    });
    await this.#supervisor.start([spark, audit, canary]);
    const backfill = [pasts.first, pasts.others].map((past) => ({
      ...{ from: past.from, to: past.to },
      spans: filledBy(past, startedMs, liveFromMs),
    }));
    return { liveFromMs, backfill };
  }

  /** Starts the replay and resolves when it goes live. */
  async #startReplay(
    epochMs: number,
    pasts: Pasts,
  ): Promise<{ readonly backfilled: BackfilledEvent; readonly startedMs: number }> {
    let backfilled: BackfilledEvent | undefined;
    let startedMs = Infinity;
    const replay = replayProcess({ ...this.#options, brokers: this.#brokers, epochMs, pasts }, (event) => {
      this.#facts.onReplay(event);
      if (event.event === 'started') {
        if (startedMs === Infinity) {
          for (const warning of event.warnings) {
            this.#state.note(warning);
          }
        }
        startedMs = Math.min(startedMs, event.at_ms);
      }
      if (event.event === 'backfilled') {
        backfilled ??= event;
      }
      if (event.event === 'progress') {
        const { readings_per_s, late_ms } = event;
        this.#state.figures({
          readings: this.#facts.sent.acknowledged,
          readingsPerSecond: readings_per_s,
          lateMs: late_ms,
        });
      }
    });
    await this.#supervisor.start([replay]);
    await until(() => backfilled !== undefined || this.#supervisor.state('replay') === 'failed', {
      intervalMs: TICK_MS,
    });
    if (!backfilled) {
      throw new Error(`the replay failed: see ${this.#path('logs', 'replay.log')}`);
    }
    // The replay reaches back from a moment after it started.
    return { backfilled, startedMs };
  }

  /** Shows figures until the run is over: `--for` counts from when it is live. */
  async #stayLive(druid: DruidApi, onLive: () => void): Promise<void> {
    const { forMs = Infinity } = this.#options;
    let over = Infinity;
    while (!this.#stop.signal.aborted && Date.now() < over) {
      const figures = await druidFigures(druid).catch((error: unknown) => {
        // Not there yet, or an engine is being restarted: the view keeps what it has.
        if (error instanceof DruidError) {
          return undefined;
        }
        throw error;
      });
      if (figures) {
        this.#state.figures(figures);
      }
      if (figures?.power && this.#live.onFigures(Date.now())) {
        over = this.#live.ms + forMs;
        this.#state.update({ phase: 'live', readyS: (this.#live.ms - this.#startedMs) / 1_000 });
        onLive();
      }
      const pauseMs = Math.max(0, Math.min(FIGURES_EVERY_MS, over - Date.now()));
      await sleep(pauseMs, this.#stop.signal);
    }
  }

  async #finish(druid: DruidApi, run: RunExtent, slowHalf: SlowHalf, local: LocalState): Promise<Report> {
    this.#state.update({ phase: 'draining' });
    await Promise.all(['replay', 'canary'].map((name) => this.#supervisor.stopOne(name)));
    await Promise.all(this.#notes.map((note) => note.end()));
    await slowHalf.stop();
    const liveS = (Date.now() - this.#live.ms) / 1_000;
    const { counts, disagreements } = await reconcile(
      this.#brokers,
      druid,
      run,
      this.#facts,
      this.#disturbance ? { patienceMs: PATIENCE_AFTER_FAULTS_MS } : {},
    );
    const problems = [...disagreements, ...slowHalf.failures, ...(local.failure === undefined ? [] : [local.failure])];
    return {
      readings: counts.readings,
      topics: counts.topics,
      repeats: counts.repeats,
      druid: counts.druid,
      windows_expected: counts.windows_expected,
      freshness_ms: {
        powerraw: this.#facts.freshness.powerraw.whole ?? null,
        dutycycle: this.#facts.freshness.dutycycle.whole ?? null,
      },
      ready_s: this.#state.snapshot.readyS ?? null,
      peak_rss_mb: Math.round(this.#memory.stop() / 1e6),
      live_s: liveS,
      unreadable_lines: this.#supervisor.unreadableLines(),
      reconciled: problems.length === 0,
      disagreements: problems,
    };
  }

  #druidUrl(): string {
    return `http://${HOST}:${this.#options.ports.druidRouter}`;
  }

  #path(...parts: string[]): string {
    return join(this.#options.state, ...parts);
  }
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) {
    await once(signal, 'abort');
  }
  return undefined;
}

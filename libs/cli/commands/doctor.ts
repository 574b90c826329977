import type { Component } from '@kedge/shared/contracts';
import { errorCode, errorMessage } from '@kedge/shared/kernel';
import { askInstances } from '../ask-instances.ts';
import type { Cli, CliWithBus, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { type Diagnosis, diagnose, type Examined } from '../core/diagnose.ts';
import { doctorSummary } from '../core/doctor-summary.ts';
import { examineKeys } from '../examine-keys.ts';
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Tone } from '../terminal/style.ts';
import { oneLine } from '../terminal/table.ts';

interface DoctorOptions {
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

/** Components look at registries and names meanwhile. */
const examinationTimeoutMs = 10_000;
const streamWindowMs = 1_000;

/** `kedge doctor`: has a page also where the bus is away. */
export const register: Register = ({ program, run }) => {
  program
    .command('doctor')
    .description('look at everything that Kedge needs, and say what to do about what is wrong')
    .option('--json', 'print the findings as JSON')
    .option('--exit-code', 'exit with 3 when there are warnings')
    .action(async (options: DoctorOptions) => {
      await run(async (cli) => await doctor(cli, options), {
        withoutBus: async (thrown, cli) => await doctorWithoutBus(cli, { ...options, thrown }),
      });
    });
};

/** One page; fails when something does not work. */
async function doctor({ bus, terminal, keysFolder }: CliWithBus<'request' | 'recent'>, options: DoctorOptions): Promise<ExitCode> {
  const { json = false, exitCode = false } = options;
  const [answers, stream, keys] = await Promise.all([
    ofEach(async (component) => await ask(bus, component)),
    readStream(bus, terminal.now()),
    examineKeys(keysFolder()),
  ]);
  const findings = diagnose({ connection: null, keys, answers, stream, now: terminal.now() });
  show(terminal, { findings, json });
  if (findings.some(({ state }) => state === 'failed')) return exitCodes.failed;
  return exitCode && findings.some(({ state }) => state === 'warning') ? exitCodes.attention : exitCodes.fine;
}

interface Unreached extends DoctorOptions {
  /** Why it could not connect. */
  readonly thrown: unknown;
}

/** What can be said from here alone; nobody can be asked. */
async function doctorWithoutBus({ terminal, keysFolder }: Cli, { json = false, thrown }: Unreached): Promise<ExitCode> {
  const answers = await ofEach(async () => ({ kind: 'not-asked' }));
  const keys = errorCode(thrown) === 'BUS_KEY_MISSING' ? [] : await examineKeys(keysFolder());
  const findings = diagnose({ connection: errorMessage(thrown), keys, answers, stream: null, now: terminal.now() });
  show(terminal, { findings, json });
  return exitCodeOf(thrown);
}

async function ofEach(examine: (component: Component) => Promise<Examined>): Promise<Readonly<Record<Component, Examined>>> {
  const [watcher, reconciler, scheduler, proxy, secrets] = await Promise.all([
    examine('watcher'),
    examine('reconciler'),
    examine('scheduler'),
    examine('proxy'),
    examine('secrets'),
  ]);
  return { watcher, reconciler, scheduler, proxy, secrets };
}

async function ask(bus: Pick<CliBus, 'request'>, component: Component): Promise<Examined> {
  const { replies, unanswered, trouble } = await askInstances(bus, component, { questions: 24, timeoutMs: examinationTimeoutMs });
  return trouble !== null && replies.length === 0 ? { kind: 'silent', message: trouble } : { kind: 'answered', replies, unanswered };
}

async function readStream(bus: Pick<CliBus, 'recent'>, now: Date): Promise<string | null> {
  try {
    await bus.recent({ since: new Date(now.getTime() - streamWindowMs), subjects: ['routes.changed'] });
    return null;
  } catch (thrown) {
    return errorMessage(thrown);
  }
}

const marks: Readonly<Record<Diagnosis['state'], readonly [mark: string, tone: Tone]>> = {
  fine: ['ok', 'good'],
  warning: ['warning', 'warning'],
  failed: ['failed', 'bad'],
  'not-asked': ['-', 'dim'],
};

interface Shown {
  readonly findings: readonly Diagnosis[];
  readonly json: boolean;
}

function show(terminal: Cli['terminal'], { findings, json }: Shown): void {
  if (json) terminal.json({ findings });
  else print(terminal, findings);
}

function print({ print: line, paint }: Cli['terminal'], findings: readonly Diagnosis[]): void {
  for (const finding of findings) {
    const { where, instance, what, state, message } = finding;
    const [mark, tone] = marks[state];
    const whose = instance === undefined ? what : `${what} of ${instance}`;
    line(`${paint(tone, mark.padEnd(8))} ${where.padEnd(10)}  ${oneLine(`${whose}: ${message}`)}`);
    if ('advice' in finding) line(`${' '.repeat(21)}→ ${oneLine(finding.advice)}`);
  }
  line();
  line(doctorSummary(findings.map(({ state }) => state)));
}

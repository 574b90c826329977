import { type Component, components } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Cli, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { type Diagnosis, diagnose, type Examined } from '../core/diagnose.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Tone } from '../terminal/style.ts';
import { oneLine } from '../terminal/table.ts';

interface DoctorOptions {
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

/** Components look at registries and names meanwhile. */
const examinationTimeoutMs = 10_000;
const streamWindowMs = 1_000;

export const register: Register = (program, cli, run) => {
  program
    .command('doctor')
    .description('look at everything that Kedge needs, and say what to do about what is wrong')
    .option('--json', 'print the findings as JSON')
    .option('--exit-code', 'exit with 3 when there are warnings')
    .action(async (options: DoctorOptions) => {
      await run(async (bus) => await doctor(bus, cli, options));
    });
};

/** One page; fails when something does not work. */
async function doctor(
  bus: Pick<CliBus, 'request' | 'recent'>,
  { terminal }: Pick<Cli, 'terminal'>,
  { json = false, exitCode = false }: DoctorOptions,
): Promise<ExitCode> {
  const [answers, stream] = await Promise.all([askAll(bus), readStream(bus, terminal.now())]);
  const findings = diagnose({ answers, stream, now: terminal.now() });
  if (json) terminal.json({ findings });
  else print(terminal, findings);
  if (findings.some(({ state }) => state === 'failed')) return exitCodes.failed;
  return exitCode && findings.some(({ state }) => state === 'warning') ? exitCodes.attention : exitCodes.fine;
}

async function askAll(bus: Pick<CliBus, 'request'>): Promise<Readonly<Record<Component, Examined>>> {
  const asked = components.map(async (component): Promise<readonly [Component, Examined]> => [component, await ask(bus, component)]);
  return Object.fromEntries(await Promise.all(asked)) as Record<Component, Examined>;
}

async function ask(bus: Pick<CliBus, 'request'>, component: Component): Promise<Examined> {
  try {
    return { kind: 'answered', reply: await bus.request(`doctor.${component}`, {}, { timeoutMs: examinationTimeoutMs }) };
  } catch (thrown) {
    return { kind: 'silent', message: errorMessage(thrown) };
  }
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
};

function print({ print: line, paint }: Cli['terminal'], findings: readonly Diagnosis[]): void {
  for (const { where, what, state, message, advice } of findings) {
    const [mark, tone] = marks[state];
    line(`${paint(tone, mark.padEnd(8))} ${where.padEnd(10)}  ${oneLine(`${what}: ${message}`)}`);
    if (advice !== undefined) line(`${' '.repeat(21)}→ ${oneLine(advice)}`);
  }
  const bad = findings.filter(({ state }) => state !== 'fine').length;
  line();
  line(bad === 0 ? 'All is well.' : `${bad} of ${findings.length} findings need a look.`);
}

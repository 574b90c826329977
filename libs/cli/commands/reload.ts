import { nameList } from '@kedge/shared/kernel';
import type { CliWithBus, Register } from '../cli.ts';
import { describeChange } from '../core/describe-change.ts';
import type { ExitCode } from '../exit-codes.ts';
import { patientBus } from '../patient-bus.ts';
import { printVerdict } from '../print-verdict.ts';
import { showPlanProgress } from '../show-plan-progress.ts';
import { takeUpChange } from '../take-up-change.ts';
import { oneLine } from '../terminal/table.ts';
import { unlessSilent } from '../unless-silent.ts';
import { type WaitOptions, waitingAs, withWaitOptions } from '../waiting.ts';

/** `kedge reload`: what the watcher does by itself within seconds, now, and with its outcome. */
export const register: Register = ({ program, run }) => {
  const command = program
    .command('reload')
    .description('read the configuration folder now, and show what came of it (also: kedge --signal reload)');
  withWaitOptions(command, { noWait: 'do not wait for the services that change' }).action(async (options: WaitOptions) => {
    await run(async (cli) => await reload(cli, options));
  });
};

/**
 * Reads the folder, then waits for what changes because of it. What the watcher refuses or holds is told, and changes nothing; while
 * everything is down there is nothing to wait for.
 */
async function reload(given: CliWithBus<'request' | 'follow' | 'recent'>, options: WaitOptions): Promise<ExitCode> {
  const { cli, say, wait, timeoutMs, conclude } = waitingAs(given, options);
  const asking = patientBus({ ...cli, tell: say.note, timeoutMs: wait ? timeoutMs : 0 });
  const taken = await takeUpChange({ ...cli, bus: { ...cli.bus, ...asking } });
  if (taken.kind === 'interrupted') return conclude({ outcome: 'interrupted', change: null, services: [] });
  if (taken.kind === 'refused') {
    const { ok: _ok, services: _declared, ...verdict } = taken.reply;
    printVerdict(say, { reply: taken.reply });
    say.print(`Nothing changed: the ${verdict.held ? 'one before it' : 'last good configuration'} stays in force.`);
    return conclude({ outcome: 'refused', ...verdict, change: null, services: [] });
  }

  const { change, plan, services, others, blocked } = taken;
  say.print(change ? `In force: ${describeChange(change)}.` : 'In force already: nothing in the folder changed.');
  if (plan.problem !== undefined) say.print(say.paint('warning', oneLine(plan.problem)));
  // The plan tells that as its problem, too, in words alone.
  const down = plan.problem === undefined ? null : await unlessSilent(async () => (await asking.request('status.services', {})).down);
  if (down) {
    say.print('Nothing of it starts before that.');
    return conclude({ outcome: 'done', change, services: [] });
  }
  if (others.length > 0) say.print(`Goes on by itself, and is not waited for: ${nameList(others)}.`);
  else if (services.length === 0) say.print('Nothing to do.');
  if (services.length === 0 || !wait) return conclude({ outcome: services.length === 0 ? 'done' : 'going', change, services: [] });
  return conclude({ ...(await showPlanProgress(cli, { title: 'reload', begin: async () => services, blocked, timeoutMs })), change });
}

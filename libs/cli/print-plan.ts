import type { PlanReply } from '@kedge/shared/contracts';
import {
  changeTones,
  describeDifference,
  describeForeign,
  isRefused,
  orderForReading,
  type PlannedChange,
  strategyOf,
  summaryOf,
} from './core/describe-plan.ts';
import { obstacleWords, plannedLine } from './core/obstacle-words.ts';
import { changesWithoutCopies } from './core/told-there.ts';
import { printWarnings } from './print-verdict.ts';
import { oneLine } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';

/**
 * What would be done: services, networks, then what is left alone and what is dangerous, and the sum of it; `rest` stands in its place where
 * that is nothing.
 */
export function printPlan(terminal: Terminal, plan: PlanReply, rest = 'Nothing to do.'): void {
  const { print, paint } = terminal;
  const { changes, networks = [], missingNetworks = [], foreign = [], warnings = [], problem, onUp } = plan;
  if (problem !== undefined) print(paint('warning', oneLine(problem)));
  for (const change of orderForReading(changesWithoutCopies(changes))) printChange(terminal, change);
  if (networks.length + missingNetworks.length > 0) print('Networks:');
  for (const { name, reason } of missingNetworks) print(`  ${paint('strong', name)}: ${paint('bad', 'missing')} (${oneLine(reason)})`);
  for (const network of orderForReading(networks)) {
    const { name, action, reason } = network;
    const what = isRefused(network) ? paint('bad', `${action}, refused`) : paint(changeTones[action], action);
    print(`  ${paint('strong', name)}: ${what} (${oneLine(reason)})`);
  }
  if (foreign.length > 0) {
    print(paint('warning', 'Left alone, because Kedge did not make them:'));
    for (const each of foreign) print(`  ${oneLine(describeForeign(each))}`);
    print('  "kedge apply --adopt" lets the services take their place.');
  }
  if (warnings.length > 0) print();
  printWarnings(terminal, warnings);
  print(summaryOf(plan) ?? rest);
  if (onUp) printComingUp(terminal, onUp);
}

/** The same of the configuration in force, where a newer one that is held was told before; nothing but `rest` where that has nothing to tell. */
export function printPlanBeside(terminal: Terminal, plan: PlanReply, rest?: string): void {
  const { problem: _heldItself, ...inForce } = plan;
  const { foreign = [], warnings = [] } = plan;
  if (summaryOf(plan) !== null || foreign.length + warnings.length > 0) terminal.print('Of the configuration in force:');
  printPlan(terminal, inForce, rest);
}

/** While everything is down. */
function printComingUp({ print, paint }: Terminal, onUp: NonNullable<PlanReply['onUp']>): void {
  print(onUp.length === 0 ? '"kedge up" would start nothing.' : '"kedge up" would start:');
  for (const { service, image, reason, problem } of onUp) {
    const name = paint(problem ? 'bad' : 'strong', service);
    print(`  ${name} (${image}): ${oneLine(reason)}`);
    if (problem) print(paint('bad', `    in the way: ${oneLine(obstacleWords(problem))}`));
  }
}

function printChange({ print, paint }: Terminal, change: PlannedChange): void {
  const { service, action, strategy, steps, waits = [], differences = [], problem } = change;
  const name = paint(action === 'remove' ? 'bad' : 'strong', service);
  const how = paint(strategy === 'stop-first' ? 'warning' : 'plain', strategyOf(change));
  const why = plannedLine(change);
  const obstacle = problem ? obstacleWords(problem) : null;
  // Where the obstacle is the whole reason, it is told once.
  const reason = obstacle?.startsWith(why) ? '' : ` (${oneLine(why)})`;
  print(`${name}: ${paint(changeTones[action], action)}${how}${reason}`);
  for (const difference of differences) print(`  ${oneLine(describeDifference(difference))}`);
  for (const [index, step] of steps.entries()) print(`  ${index + 1}. ${oneLine(step)}`);
  for (const wait of waits) print(`  ${oneLine(wait)}`);
  if (obstacle !== null) print(paint('bad', `  in the way: ${oneLine(obstacle)}`));
}

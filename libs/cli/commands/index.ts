import type { Register } from '../cli.ts';
import { register as apply } from './apply.ts';
import { register as busInit } from './bus-init.ts';
import { register as busProvision } from './bus-provision.ts';
import { register as check } from './check.ts';
import { register as clear } from './clear.ts';
import { register as deploy } from './deploy.ts';
import { register as dev } from './dev.ts';
import { register as doctor } from './doctor.ts';
import { register as down } from './down.ts';
import { register as events } from './events.ts';
import { register as importFrom } from './import.ts';
import { register as logs } from './logs.ts';
import { register as plan } from './plan.ts';
import { register as reload } from './reload.ts';
import { register as status } from './status.ts';
import { register as up } from './up.ts';
import { register as validate } from './validate.ts';

/** `kedge bus …`: for the one-shots of the stack, not for people. */
const operator: Register = ({ program }) => {
  const bus = program.command('bus', { hidden: true }).description('what the stack runs by itself when it starts');
  for (const register of [busInit, busProvision]) register(bus);
};

/** Every command, in the order that help lists them. */
export const commands: readonly Register[] = [
  status,
  events,
  logs,
  deploy,
  clear,
  plan,
  validate,
  apply,
  reload,
  down,
  up,
  dev,
  importFrom,
  check,
  doctor,
  operator,
];

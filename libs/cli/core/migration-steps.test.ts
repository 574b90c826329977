import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DispenserSight } from './dispenser-sight.ts';
import { migrationSteps } from './migration-steps.ts';

const notBegun = { daemon: { kind: 'gone' }, first: 'start' } as const;

describe('migrationSteps', () => {
  const commands = migrationSteps({ folder: '/opt/dispenser' }, notBegun).flatMap((step) => step.commands);
  const at = (pattern: RegExp) => commands.findIndex((command) => pattern.test(command));

  it('never asks Dispenser to clean up', () => {
    for (const command of commands) assert.doesNotMatch(command, /systemctl stop|systemctl restart|--now|TERM|-s stop/);
    assert.ok(commands.some((command) => /kill --signal=KILL/.test(command)));
  });

  it('forbids the restart, and looks whether that holds, before the kill', () => {
    assert.ok(at(/disable/) < at(/kill --signal/));
    assert.ok(at(/Restart=no/) < at(/daemon-reload/));
    assert.ok(at(/daemon-reload/) < at(/show --property=Restart/));
    assert.ok(at(/show --property=Restart/) < at(/kill --signal/));
  });

  it('hands over after the daemon is gone, from the folder that was named', () => {
    assert.ok(at(/kill --signal/) < at(/kedge import dispenser \/opt\/dispenser --yes/));
    assert.ok(commands.every((command) => !/KEDGE_CONFIG=/.test(command) || command.includes('KEDGE_CONFIG=/opt/dispenser')));
  });

  it('can be typed as it stands, whatever the folder is called', () => {
    const typed = migrationSteps({ folder: '/opt/my dispenser', file: 'main file.toml' }, notBegun).flatMap((step) => step.commands);
    assert.ok(typed.includes("KEDGE_CONFIG='/opt/my dispenser' KEDGE_CONFIG_FILE='main file.toml' docker compose up -d --wait"));
    assert.ok(typed.some((command) => command.includes("'/opt/my dispenser/dispenser.pid'")));
    assert.ok(typed.includes("kedge import dispenser '/opt/my dispenser/main file.toml' --yes"));
  });

  it('ends the process that is known to run', () => {
    const typed = migrationSteps({ folder: '/opt/dispenser' }, { ...notBegun, daemon: { kind: 'runs', pid: 12, by: 'process' } }).flatMap(
      (step) => step.commands,
    );
    assert.ok(typed.includes('sudo kill -KILL 12'));
    assert.ok(!typed.some((command) => command.includes('dispenser.pid')));
  });

  it('begins with the yes to what is held, and needs no more than that and the hand-over where the daemon is gone', () => {
    const typed = (daemon: DispenserSight) =>
      migrationSteps({ folder: '/opt/dispenser' }, { daemon, first: 'agree' }).flatMap((step) => step.commands);
    assert.deepEqual(typed({ kind: 'gone' }), ['kedge apply', 'kedge import dispenser /opt/dispenser --yes']);
    const besideIt = typed({ kind: 'runs', pid: 12, by: 'process' });
    assert.deepEqual([besideIt[0], besideIt.at(-1)], ['kedge apply', 'kedge import dispenser /opt/dispenser --yes']);
    assert.ok(besideIt.includes('sudo kill -KILL 12') && !besideIt.some((command) => command.includes('8080')));
  });

  it('names the main file where it would not be found by itself', () => {
    const typed = (file: string) =>
      migrationSteps({ folder: '/opt/dispenser', file }, notBegun)
        .flatMap((step) => [step.what, ...step.commands])
        .join('\n');
    assert.match(typed('staging.toml'), /KEDGE_CONFIG=\/opt\/dispenser KEDGE_CONFIG_FILE=staging\.toml docker compose up/);
    assert.match(typed('staging.toml'), /kedge import dispenser \/opt\/dispenser\/staging\.toml --yes/);
    assert.doesNotMatch(typed('dispenser.toml'), /KEDGE_CONFIG_FILE/);
  });
});
